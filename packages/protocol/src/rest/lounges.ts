/** Lounges and their language rooms. Joining one is `joinRoom`. */
import { z } from 'zod';
import { LanguageTag } from '../accounts.ts';
import { LanguageRoom, Lounge, LoungeRole } from '../community.ts';
import { GuestAccess, RoomName, Topic } from '../entities.ts';
import { Id, text } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { route } from './route.ts';

const group = 'Lounges';
const lounge = z.object({ loungeId: Id });
const room = z.object({ loungeId: Id, roomId: Id });
const PictureHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')
  .meta({ examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'] });
const byAdmin = { auth: 'user', role: 'admin', group } as const;
/** Media types of pictures that are taken. */
export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'] as const;

const position = z.int().min(0).max(10_000);
const slowMode = z.int().min(0).max(LIMITS.slowMode);

const LoungeInput = z.strictObject({
  name: RoomName,
  topic: Topic.default(''),
  rules: z.union([text(4000), z.literal('')]).default(''),
  minRole: LoungeRole.default('guest'),
  guests: GuestAccess.default('write'),
  adultsOnly: z.boolean().default(false),
  position: position.default(0),
});
const LanguageRoomInput = z.strictObject({
  language: LanguageTag,
  name: RoomName.optional().meta({ description: 'Left out: what the language calls itself.' }),
  topic: Topic.default(''),
  capacity: z.int().min(2).max(10_000).default(200),
  slowMode: slowMode.default(0),
});

// A change names what changes: no default may sneak in.
const LoungeChanges = z.strictObject({
  name: RoomName.optional(),
  topic: Topic.optional(),
  rules: z.union([text(4000), z.literal('')]).optional(),
  minRole: LoungeRole.optional(),
  guests: GuestAccess.optional(),
  adultsOnly: z.boolean().optional(),
  position: position.optional(),
});

export const loungeRoutes = {
  lounges: route({
    method: 'GET',
    path: '/api/lounges',
    auth: 'none',
    group,
    summary: 'All lounges in their order, with their rooms and how many are there.',
    output: z.object({ lounges: z.array(Lounge) }),
  }),
  loungeRooms: route({
    method: 'GET',
    path: '/api/lounges/:loungeId/rooms',
    auth: 'none',
    group,
    summary: 'The language rooms of a lounge.',
    params: lounge,
    output: z.object({ rooms: z.array(LanguageRoom) }),
    errors: ['not_found'],
  }),
  createLounge: route({
    ...byAdmin,
    method: 'POST',
    path: '/api/admin/lounges',
    summary: 'Open a lounge, without rooms.',
    body: LoungeInput,
    output: Lounge,
    status: 201,
    errors: ['limit_reached'],
  }),
  updateLounge: route({
    ...byAdmin,
    method: 'PATCH',
    path: '/api/admin/lounges/:loungeId',
    summary: 'Change a lounge. Whoever may not be in it any more is out of its rooms at once.',
    params: lounge,
    body: LoungeChanges,
    output: Lounge,
    errors: ['not_found'],
  }),
  deleteLounge: route({
    ...byAdmin,
    method: 'DELETE',
    path: '/api/admin/lounges/:loungeId',
    summary: 'Close a lounge for good, with its rooms.',
    params: lounge,
    errors: ['not_found'],
  }),
  setLoungePicture: route({
    ...byAdmin,
    method: 'PUT',
    path: '/api/admin/lounges/:loungeId/picture',
    summary: 'Give a lounge a picture: its middle becomes a WebP of 256 x 256 pixels, of an animation the first frame.',
    params: lounge,
    upload: { field: 'picture', types: PICTURE_TYPES, maxBytes: LIMITS.picture },
    output: Lounge,
    errors: ['not_found', 'overloaded'],
  }),
  removeLoungePicture: route({
    ...byAdmin,
    method: 'DELETE',
    path: '/api/admin/lounges/:loungeId/picture',
    summary: 'Take the picture of a lounge away. Idempotent.',
    params: lounge,
    output: Lounge,
    errors: ['not_found'],
  }),
  loungePicture: route({
    method: 'GET',
    path: '/api/lounges/:loungeId/pictures/:hash',
    auth: 'none',
    group,
    summary: 'The picture of a lounge, where its `picture` says. Another picture has another path.',
    params: lounge.extend({ hash: PictureHash }),
    download: 'image/webp',
    permanent: true,
    errors: ['not_found'],
  }),
  createLanguageRoom: route({
    ...byAdmin,
    method: 'POST',
    path: '/api/admin/lounges/:loungeId/rooms',
    summary: 'Add a room for a language. There may be several of one language.',
    params: lounge,
    body: LanguageRoomInput,
    output: LanguageRoom,
    status: 201,
    errors: ['not_found', 'limit_reached'],
  }),
  updateLanguageRoom: route({
    ...byAdmin,
    method: 'PATCH',
    path: '/api/admin/lounges/:loungeId/rooms/:roomId',
    summary: 'Change the capacity of a language room. Name and topic: `updateRoom`; slow mode: `moderateRoom`.',
    params: room,
    body: z.strictObject({ capacity: z.int().min(2).max(10_000) }),
    output: LanguageRoom,
    errors: ['not_found'],
  }),
  deleteLanguageRoom: route({
    ...byAdmin,
    method: 'DELETE',
    path: '/api/admin/lounges/:loungeId/rooms/:roomId',
    summary: 'Close a language room for good.',
    params: room,
    errors: ['not_found'],
  }),
} as const;
