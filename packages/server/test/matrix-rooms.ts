/** Rooms for the matrix: one of each kind, with everything in it that a route may name. */
import { randomUUID } from 'node:crypto';
import { type Actor, FOLLOWERS, type Kind } from './matrix.ts';
import type { Person } from './person.ts';

/** `spares` are members without a part to play, whom others act upon; `extra` and `keeper`, who runs the lounges, are in no room. */
export type Cast = Record<Exclude<Actor, 'anonymous'> | 'extra' | 'keeper', Person> & {
  spares: [Person, Person, Person];
};

/** What the input of a case is made of. */
export interface Place {
  kind: Kind;
  roomId: string;
  /** A text of the sender, edited once. */
  textId: string;
  /** A poll of the sender. */
  pollId: string;
  /** Made by the owner; they lead nowhere in rooms that have none. */
  invites: [Invitation, Invitation, Invitation];
  /** Of the sender, where wanted. */
  scheduledId: string;
  /** Of the sender, waiting for approval, where wanted. */
  heldIds: [string, string, string];
  /** Automod rules of the room, where wanted and where there may be any. */
  ruleIds: [string, string, string];
}

interface Invitation {
  id: string;
  code: string;
}

const TOMORROW = 24 * 3600 * 1000;

/** What is not made for every place. */
export interface Wanted {
  /** Of scheduled messages one person may have only so many. */
  scheduled: boolean;
  /** Messages that wait for approval; never in a direct room. */
  held: boolean;
  /** Automod rules; never in a direct room nor a thread. */
  rules: boolean;
}
export const NOTHING_MORE: Wanted = { scheduled: false, held: false, rules: false };

export async function buildPlace(cast: Cast, kind: Kind, wanted = NOTHING_MORE): Promise<Place> {
  if (kind === 'direct') throw new Error('a direct room depends on who is in it');
  if (kind === 'language') return buildLanguageRoom(cast, wanted);
  const { owner } = cast;
  const { room } = await owner.call('createRoom', {
    body: {
      name: `A ${kind} room`,
      kind: kind === 'public' ? 'public' : 'group',
      memberIds: membersOf(cast).map(({ id }) => id),
    },
  });
  const roomId = room.id;
  const roles = (['moderator', 'admin'] as const).map((role) =>
    owner.call('updateMember', { params: { roomId, userId: cast[role].id }, body: { role } }),
  );
  const removal = owner.call('removeMember', { params: { roomId, userId: cast.former.id } });
  const invite = () => owner.call('createInvite', { params: { roomId }, body: {} });
  const inviting: Promise<Place['invites']> = Promise.all([invite(), invite(), invite()]);
  const [place, invites] = await Promise.all([
    fill(cast, kind, roomId, kind === 'thread' ? NOTHING_MORE : wanted),
    inviting,
    removal,
    ...roles,
  ]);
  if (kind === 'archived') await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
  if (kind === 'deleted') await owner.call('deleteRoom', { params: { roomId } });
  const made = { ...place, invites };
  return kind === 'thread' ? openThread(cast, made, wanted) : made;
}

function membersOf(cast: Cast): Person[] {
  return [cast.former, cast.member, cast.sender, cast.blocked, cast.moderator, cast.admin, ...cast.spares];
}

// There are only so many rooms in a lounge.
let lounge: { id: Promise<string>; rooms: number } | undefined;

async function buildLanguageRoom(cast: Cast, wanted: Wanted): Promise<Place> {
  const { keeper } = cast;
  if (lounge === undefined || lounge.rooms === 40) {
    const opened = keeper.call('createLounge', { body: { name: 'A lounge' } });
    lounge = { id: opened.then(({ id }) => id), rooms: 0 };
  }
  lounge.rooms += 1;
  const params = { loungeId: await lounge.id };
  const { room } = await keeper.call('createLanguageRoom', { params, body: { language: 'en' } });
  const roomId = room.id;
  const everyone = [...membersOf(cast), cast.owner, cast.guest];
  await Promise.all(everyone.map((person) => person.call('joinRoom', { params: { roomId } })));
  const roles = (['moderator', 'admin', 'owner'] as const).map((role) =>
    keeper.call('updateMember', { params: { roomId, userId: cast[role].id }, body: { role } }),
  );
  await Promise.all([...roles, keeper.call('removeMember', { params: { roomId, userId: cast.former.id } })]);
  return fill(cast, 'language', roomId, wanted);
}

/** The direct room of the sender and someone; the same at every call, with other messages in it. */
export async function buildDirect(cast: Cast, peer: Person, wanted: Wanted): Promise<Place> {
  const { room } = await cast.sender.call('directRoom', { body: { userId: peer.id } });
  return fill(cast, 'direct', room.id, wanted);
}

function nowhere(): Invitation {
  return { id: randomUUID(), code: 'a-code-that-leads-nowhere' };
}

async function openThread(cast: Cast, parent: Place, wanted: Wanted): Promise<Place> {
  const params = { roomId: parent.roomId, messageId: parent.textId };
  const { room } = await cast.sender.call('openThread', { params });
  await Promise.all(FOLLOWERS.map((who) => cast[who as 'sender'].call('joinRoom', { params: { roomId: room.id } })));
  return { ...(await fill(cast, 'thread', room.id, wanted, parent.roomId)), invites: parent.invites };
}

async function fill(
  { sender, owner }: Cast,
  kind: Kind,
  roomId: string,
  wanted: Wanted,
  governingId = roomId,
): Promise<Place> {
  const params = { roomId };
  const poll = { question: 'Tea or coffee?', options: ['Tea', 'Coffee'] };
  const sendAt = Date.now() + TOMORROW;
  const [text, asked, scheduled] = await Promise.all([
    sender.say(roomId, 'A tetx').then(async (message) => {
      const at = { roomId, messageId: message.id };
      return sender.call('editMessage', { params: at, body: { body: 'A text' } });
    }),
    sender.call('sendMessage', { params, body: { clientId: randomUUID(), poll } }),
    wanted.scheduled
      ? sender.call('schedule', { params, body: { clientId: randomUUID(), body: 'Later', sendAt } })
      : undefined,
  ]);
  const heldIds: Place['heldIds'] =
    wanted.held && kind !== 'direct'
      ? await hold(owner, sender, roomId, governingId)
      : [randomUUID(), randomUUID(), randomUUID()];
  return {
    kind,
    roomId,
    textId: text.id,
    pollId: asked.id,
    invites: [nowhere(), nowhere(), nowhere()],
    scheduledId: scheduled?.id ?? randomUUID(),
    heldIds,
    ruleIds:
      wanted.rules && kind !== 'direct' && kind !== 'thread'
        ? await makeRules(owner, roomId)
        : [randomUUID(), randomUUID(), randomUUID()],
  };
}

async function makeRules(owner: Person, roomId: string): Promise<Place['ruleIds']> {
  const trigger = { type: 'invites' as const };
  const body = { roomId, name: 'A rule', trigger, actions: [{ type: 'hold' as const }], reason: 'No.', enabled: false };
  const make = async () => (await owner.call('createAutomodRule', { body })).id;
  return [await make(), await make(), await make()];
}

async function hold(owner: Person, author: Person, roomId: string, governingId: string): Promise<Place['heldIds']> {
  const params = { roomId: governingId };
  await owner.call('moderateRoom', { params, body: { hold: ['all'] } });
  const say = async () => (await author.say(roomId, 'May I?')).id;
  const ids: Place['heldIds'] = [await say(), await say(), await say()];
  await owner.call('moderateRoom', { params, body: { hold: [] } });
  return ids;
}
