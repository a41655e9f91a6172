/** Fills a server with the demo, through its API as any client would. */
import type { Message, RoomSummary, SignedIn } from '@confab/protocol';
import { StartupError } from '../../platform/lifecycle.ts';
import { call as callOnce, patiently, Refusal, signIn } from './api.ts';
import { fillLounges } from './fill-lounges.ts';
import { type DemoLine, type DemoRoom, PASSWORD, people, type PersonKey, rooms } from './content.ts';

// The demo is more than one person may do in a minute.
const call: typeof callOnce = (...args) => patiently(() => callOnce(...args));

/** What was missing and has been added. */
export interface Added {
  people: number;
  rooms: number;
  messages: number;
}

/**
 * Adds whatever of the demo the server at `url` does not have. Idempotent, also after it broke off: accounts are told
 * by their address, groups by owner and name, messages by their client ids. What people changed since stays changed.
 * @param makeAdmin gives the role to the person with this username
 * @throws StartupError when an address or username of the demo belongs to somebody else
 */
export async function fillDemo(url: string, makeAdmin: (username: string) => Promise<void>): Promise<Added> {
  const added: Added = { people: 0, rooms: 0, messages: 0 };
  const signedIn = new Map<PersonKey, SignedIn>();
  for (const key of Object.keys(people) as PersonKey[]) signedIn.set(key, await arrive(url, key, added));

  function as(key: PersonKey): SignedIn {
    const person = signedIn.get(key);
    if (person === undefined) throw new Error(`${key} has not signed in`);
    return person;
  }
  if (as('noor').user.role === 'user') {
    await makeAdmin(people.noor.username);
    signedIn.set('noor', await arrive(url, 'noor', added));
  }
  // Before the others: what is said among friends is the newest.
  const inLounges = await fillLounges(url, as('noor'), as);
  for (const room of rooms) await fillRoom(url, room, as, added);
  return { ...added, rooms: added.rooms + inLounges.rooms, messages: added.messages + inLounges.messages };
}

async function arrive(url: string, key: PersonKey, added: Added): Promise<SignedIn> {
  const { email, username, name } = people[key];
  try {
    return await signIn(url, { username, password: PASSWORD, transport: 'body' });
  } catch (error) {
    if (codeOf(error) !== 'invalid_credentials') throw error;
  }
  try {
    const body = { email, password: PASSWORD, username, name, transport: 'body' as const };
    const person = await call(url, undefined, 'signUp', { body });
    added.people += 1;
    return person;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'username_taken') {
      throw new StartupError(`The username ${username} is taken, or has another password`, { cause: error });
    }
    throw error;
  }
}

type As = (key: PersonKey) => SignedIn;

async function fillRoom(url: string, room: DemoRoom, as: As, added: Added): Promise<void> {
  const [owner] = room.members;
  const { roomId, readByOwner } = await openRoom(url, room, as, added);
  const marks = readMarks(room);
  // The owner reads last: then all is done.
  if (readByOwner >= (marks.get(owner) ?? 0)) return;

  const before = (await call(url, as(owner).accessToken, 'room', { params: { roomId } })).room.n;
  const sent: Message[] = [];
  for (const [i, line] of room.lines.entries()) {
    sent.push(await sayLine(url, roomId, `demo-${room.key}-${i + 1}`, line, sent, as));
  }
  added.messages += sent.filter(({ n }) => n > before).length;
  for (const [key, line] of [...marks].toSorted(([a], [b]) => Number(a === owner) - Number(b === owner))) {
    const n = sent[line - 1]?.n ?? 0;
    await call(url, as(key).accessToken, 'markRead', { params: { roomId }, body: { n } });
  }
}

async function openRoom(url: string, { group, members }: DemoRoom, as: As, added: Added) {
  const [owner, ...others] = members;
  const { accessToken: token, user } = as(owner);
  const memberIds = others.map((key) => as(key).user.id);
  const found = await findRoom(url, token, ({ room, memberIds: present }) =>
    group === undefined
      ? room.kind === 'direct' && memberIds.every((id) => present.includes(id))
      : room.name === group.name && room.createdBy === user.id,
  );
  if (found !== undefined) return { roomId: found.room.id, readByOwner: found.me.lastReadN ?? 0 };

  added.rooms += 1;
  const { room } =
    group === undefined
      ? await call(url, token, 'directRoom', { body: { userId: memberIds[0] ?? '' } })
      : await call(url, token, 'createRoom', { body: { ...group, memberIds } });
  return { roomId: room.id, readByOwner: 0 };
}

async function findRoom(
  url: string,
  token: string,
  wanted: (room: RoomSummary) => boolean,
): Promise<RoomSummary | undefined> {
  const query: { limit: string; cursor?: string } = { limit: '200' };
  for (;;) {
    const page = await call(url, token, 'rooms', { query });
    const room = page.rooms.find(wanted);
    if (room !== undefined || page.nextCursor === null) return room;
    query.cursor = page.nextCursor;
  }
}

async function sayLine(
  url: string,
  roomId: string,
  clientId: string,
  line: DemoLine,
  earlier: readonly Message[],
  as: As,
): Promise<Message> {
  const token = as(line.by).accessToken;
  const replyTo = line.replyTo === undefined ? null : (earlier[line.replyTo - 1]?.id ?? null);
  const message = await call(url, token, 'sendMessage', {
    params: { roomId },
    body: { clientId, body: line.body, replyTo },
  });
  const params = { roomId, messageId: message.id };
  const untouched = message.editedAt === null && message.deletedAt === null;
  if (line.edited !== undefined && untouched) {
    await call(url, token, 'editMessage', { params, body: { body: line.edited } });
  }
  if (line.deleted === true && untouched) await call(url, token, 'deleteMessage', { params });
  return message;
}

/** Up to which line each has read: their own last one at least. */
function readMarks({ lines, read }: DemoRoom): Map<PersonKey, number> {
  const marks = new Map(lines.map(({ by }, i) => [by, i + 1]));
  for (const [key, line] of Object.entries(read) as [PersonKey, number][]) {
    marks.set(key, Math.max(line, marks.get(key) ?? 0));
  }
  return marks;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Refusal ? error.body.code : undefined;
}
