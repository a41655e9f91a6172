/** What each case of the matrix is asked with. */
import { randomUUID } from 'node:crypto';
import type { Actor, Case, EventCase } from './matrix.ts';
import type { Cast, Place } from './matrix-rooms.ts';

/** What a route is called with. */
export interface Input {
  params?: object;
  query?: object;
  body?: object;
}
type Build = (place: Place, actor: Actor, cast: Cast) => Input;

const onMessage = ({ roomId, textId }: Place) => ({ params: { roomId, messageId: textId } });
const onPoll = ({ roomId, pollId }: Place) => ({ params: { roomId, messageId: pollId } });
const inRoom = ({ roomId }: Place) => ({ params: { roomId } });
export const send = (content: object) => (place: Place) => ({
  ...inRoom(place),
  body: { clientId: randomUUID(), ...content },
});
const onInvite = ({ invites }: Place) => ({ params: { code: invites[0].code } });

/** Whom an actor acts upon: someone of lower rank, another one for each who may. */
function target({ kind }: Place, actor: Actor, cast: Cast): string {
  if (kind === 'direct') return actor === 'sender' ? cast.member.id : cast.sender.id;
  if (kind === 'thread') return cast.member.id;
  return oneFor(actor, cast.spares).id;
}

/** Of three things for those who may use one up. */
function oneFor<T>(actor: Actor, things: readonly [T, T, T]): T {
  if (actor === 'admin') return things[1];
  return actor === 'owner' ? things[2] : things[0];
}

const RULE = { trigger: { type: 'invites' }, actions: [{ type: 'hold' }], reason: 'No.', enabled: false };

/** The same where it is the room that counts, of which all spares are members. */
function below(place: Place, actor: Actor, cast: Cast): string {
  return place.kind === 'thread' ? oneFor(actor, cast.spares).id : target(place, actor, cast);
}
const sanction =
  (type: string): Build =>
  (place, actor, cast) => ({
    body: { type, userId: below(place, actor, cast), roomId: place.roomId, reason: 'Spam' },
  });

export const INPUTS: Record<Case, Build> = {
  room: inRoom,
  'updateRoom.topic': (place, actor) => ({ ...inRoom(place), body: { topic: `by ${actor}` } }),
  'updateRoom.archive': (place) => ({ ...inRoom(place), body: { archived: true } }),
  joinRoom: inRoom,
  updateMe: (place) => ({ ...inRoom(place), body: { favourite: true } }),
  createInvite: (place) => ({ ...inRoom(place), body: {} }),
  invites: inRoom,
  revokeInvite: ({ roomId, invites }, actor) => ({ params: { roomId, inviteId: oneFor(actor, invites).id } }),
  invite: onInvite,
  acceptInvite: onInvite,
  openThread: onMessage,
  deleteRoom: inRoom,
  members: (place) => ({ ...inRoom(place), query: {} }),
  addMembers: (place, _actor, cast) => ({ ...inRoom(place), body: { userIds: [cast.extra.id] } }),
  updateMember: (place, actor, cast) => ({
    params: { roomId: place.roomId, userId: target(place, actor, cast) },
    body: { role: 'moderator' },
  }),
  'removeMember.other': (place, actor, cast) => ({
    params: { roomId: place.roomId, userId: target(place, actor, cast) },
  }),
  'removeMember.self': ({ roomId }, actor, cast) => ({
    params: { roomId, userId: actor === 'anonymous' ? cast.member.id : cast[actor].id },
  }),
  messages: (place) => ({ ...inRoom(place), query: {} }),
  sendMessage: send({ body: 'Hello' }),
  'sendMessage.reply': (place) => send({ body: 'Yes', replyTo: place.textId })(place),
  'sendMessage.poll': send({ poll: { question: 'Now?', options: ['Yes', 'No'] } }),
  'sendMessage.forward': (place) => send({ forward: { roomId: place.roomId, messageId: place.textId } })(place),
  editMessage: (place) => ({ ...onMessage(place), body: { body: 'Another text' } }),
  deleteMessage: onMessage,
  message: onMessage,
  messageEdits: onMessage,
  react: (place) => ({ ...onMessage(place), body: { emoji: '👍', on: true } }),
  pin: (place) => ({ ...onMessage(place), body: { on: true } }),
  pins: inRoom,
  star: (place) => ({ ...onMessage(place), body: { on: true } }),
  vote: (place) => ({ ...onPoll(place), body: { options: [0] } }),
  closePoll: onPoll,
  schedule: (place) => send({ body: 'Later', sendAt: Date.now() + 3_600_000 })(place),
  'sanction.warn': sanction('warn'),
  'sanction.mute': sanction('mute'),
  'sanction.kick': sanction('kick'),
  'sanction.ban': sanction('ban'),
  removeMessages: (place, actor, cast) => ({
    params: { roomId: place.roomId, userId: below(place, actor, cast) },
    body: { since: 'hour', reason: 'Spam' },
  }),
  'moderateRoom.lock': (place, actor) => ({ ...inRoom(place), body: { slowMode: actor.length } }),
  'moderateRoom.hold': (place) => ({ ...inRoom(place), body: { hold: ['links'] } }),
  'report.message': ({ roomId, textId }) => ({
    body: { target: { type: 'message', roomId, messageId: textId }, category: 'spam' },
  }),
  'report.room': ({ roomId }) => ({ body: { target: { type: 'room', roomId }, category: 'spam' } }),
  cases: ({ roomId }) => ({ query: { roomId } }),
  held: ({ roomId }) => ({ query: { roomId } }),
  decideHeld: ({ roomId, heldIds }, actor) => ({
    params: { roomId, messageId: oneFor(actor, heldIds) },
    body: { approve: false, reason: 'Not here' },
  }),
  automodRules: ({ roomId }) => ({ query: { roomId } }),
  createAutomodRule: ({ roomId }, actor) => ({ body: { ...RULE, name: `by ${actor}`, roomId } }),
  updateAutomodRule: ({ ruleIds }, actor) => ({ params: { ruleId: ruleIds[0] }, body: { name: `by ${actor}` } }),
  deleteAutomodRule: ({ ruleIds }, actor) => ({ params: { ruleId: oneFor(actor, ruleIds) } }),
  tryAutomodRule: ({ roomId }) => ({ body: { roomId, trigger: RULE.trigger } }),
  dropHeld: ({ roomId, heldIds }) => ({ params: { roomId, messageId: heldIds[0] } }),
  unschedule: ({ scheduledId }) => ({ params: { scheduledId } }),
  search: ({ roomId }) => ({ query: { q: 'text', roomId } }),
  changes: (place) => ({ ...inRoom(place), query: { since: '0' } }),
  markRead: (place) => ({ ...inRoom(place), body: { n: 1 } }),
};

export const EVENT_INPUTS: Record<EventCase, (place: Place) => object> = {
  'room:join': ({ roomId }) => ({ roomId }),
  'room:leave': ({ roomId }) => ({ roomId }),
  'room:read': ({ roomId }) => ({ roomId, n: 1 }),
  'message:send': ({ roomId }) => ({ roomId, clientId: randomUUID(), body: 'Hello' }),
  'message:edit': ({ roomId, textId }) => ({ roomId, messageId: textId, body: 'Another text' }),
  'message:delete': ({ roomId, textId }) => ({ roomId, messageId: textId }),
  'message:react': ({ roomId, textId }) => ({ roomId, messageId: textId, emoji: '👍', on: true }),
  'message:history': ({ roomId }) => ({ roomId }),
  typing: ({ roomId }) => ({ roomId }),
};
