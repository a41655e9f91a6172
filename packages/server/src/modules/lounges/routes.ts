import type { RestHandlers } from '../../platform/http/index.ts';
import type { LoungeService } from './service.ts';

type Names =
  | 'lounges'
  | 'loungeRooms'
  | 'createLounge'
  | 'updateLounge'
  | 'deleteLounge'
  | 'setLoungePicture'
  | 'removeLoungePicture'
  | 'loungePicture'
  | 'createLanguageRoom'
  | 'updateLanguageRoom'
  | 'deleteLanguageRoom';

export function loungeRoutes(lounges: LoungeService): RestHandlers<Names> {
  return {
    lounges: () => lounges.answer(),
    async loungeRooms({ params }) {
      return { rooms: await lounges.rooms(params.loungeId) };
    },
    createLounge: ({ actor, body }) => lounges.create(actor.userId, body),
    async updateLounge({ actor, params, body }) {
      return (await lounges.update(actor.userId, params.loungeId, body)).lounge;
    },
    deleteLounge: ({ actor, params }) => lounges.delete(actor.userId, params.loungeId),
    async setLoungePicture({ actor, params, body }) {
      const picture = await lounges.drawPicture(body);
      return (await lounges.update(actor.userId, params.loungeId, { picture })).lounge;
    },
    async removeLoungePicture({ actor, params }) {
      return (await lounges.update(actor.userId, params.loungeId, { picture: null })).lounge;
    },
    async loungePicture({ params }) {
      return { name: 'lounge.webp', content: await lounges.picture(params.loungeId, params.hash) };
    },
    createLanguageRoom: ({ actor, params, body }) => lounges.createRoom(actor.userId, params.loungeId, body),
    updateLanguageRoom: ({ actor, params, body }) =>
      lounges.updateRoom(actor.userId, params.loungeId, params.roomId, body),
    deleteLanguageRoom: ({ actor, params }) => lounges.deleteRoom(actor.userId, params.loungeId, params.roomId),
  };
}
