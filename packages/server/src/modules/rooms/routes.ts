import type { RoomSnapshot } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { RestHandlers } from '../../platform/http/index.ts';
import type { InviteService } from './invites.ts';
import type { PreferenceService } from './preferences.ts';
import type { RoomService } from './service.ts';

/** How a room looks to someone who just made it. */
export type TakeSnapshot = (actor: Actor, roomId: string) => Promise<RoomSnapshot>;

type Names =
  | 'createRoom'
  | 'directRoom'
  | 'updateRoom'
  | 'deleteRoom'
  | 'addMembers'
  | 'updateMember'
  | 'removeMember'
  | 'updateMe'
  | 'publicRooms'
  | 'joinRoom';

export function roomRoutes(rooms: RoomService, snapshot: TakeSnapshot): RestHandlers<Names> {
  return {
    async createRoom({ actor, body }) {
      return snapshot(actor, await rooms.createRoom(actor, body));
    },
    async directRoom({ actor, body }) {
      return snapshot(actor, await rooms.openDirect(actor, body.userId));
    },
    updateRoom: ({ actor, params, body }) => rooms.updateRoom(actor, params.roomId, body),
    deleteRoom: ({ actor, params, body }) => rooms.deleteRoom(actor, params.roomId, body?.reason),
    async addMembers({ actor, params, body }) {
      return { members: await rooms.addMembers(actor, params.roomId, body.userIds) };
    },
    updateMember: ({ actor, params, body }) => rooms.updateMember(actor, params.roomId, params.userId, body.role),
    removeMember: ({ actor, params }) => rooms.removeMember(actor, params.roomId, params.userId),
    updateMe: ({ actor, params, body }) => rooms.updateMe(actor, params.roomId, body),
    publicRooms: ({ actor, query }) => rooms.browse(actor, query),
    async joinRoom({ actor, params }) {
      await rooms.join(actor, params.roomId);
      return snapshot(actor, params.roomId);
    },
  };
}

export function inviteRoutes(
  invites: InviteService,
  snapshot: TakeSnapshot,
): RestHandlers<'createInvite' | 'invites' | 'revokeInvite' | 'invite' | 'acceptInvite'> {
  return {
    createInvite: ({ actor, params, body }) => invites.create(actor, params.roomId, body),
    async invites({ actor, params }) {
      return { invites: await invites.list(actor, params.roomId) };
    },
    revokeInvite: ({ actor, params }) => invites.revoke(actor, params.roomId, params.inviteId),
    invite: ({ actor, params }) => invites.preview(actor, params.code),
    async acceptInvite({ actor, params }) {
      return snapshot(actor, await invites.accept(actor, params.code));
    },
  };
}

export function preferenceRoutes(preferences: PreferenceService): RestHandlers<'preferences' | 'updatePreferences'> {
  return {
    preferences: ({ actor }) => preferences.get(actor),
    updatePreferences: ({ actor, body }) => preferences.update(actor, body),
  };
}
