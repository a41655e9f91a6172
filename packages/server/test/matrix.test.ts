/** Every actor, in every kind of room, by every route and event that names something of it. The expectations are `matrix.ts`. */
import { randomUUID } from 'node:crypto';
import { clientEvents, type ClientEventSpec, GUESTS_MAY, rest, type RouteName, type RouteSpec } from '@confab/protocol';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Actor,
  ACTORS,
  ADMINISTRATION,
  type AdministrationCase,
  type Case,
  type EventCase,
  EVENTS,
  expectedOf,
  type Kind,
  KINDS,
  OF_A_RULE,
  LOUNGES,
  ONES_OWN,
  ONES_OWN_EVENTS,
  type Outcome,
  routeOf,
  ROUTES,
} from './matrix.ts';
import { EVENT_INPUTS, type Input, INPUTS, send } from './matrix-inputs.ts';
import { buildDirect, buildPlace, type Cast, NOTHING_MORE, type Place, type Wanted } from './matrix-rooms.ts';
import { call, type Connected, outcome, type Person } from './person.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let cast: Cast;
/** Of the sender and whom they block, with what was said before. */
let blockedDirect: Place;
const connections = new Map<Person, Connected>();

beforeAll(async () => {
  server = await startServer();
  const roles = ['stranger', 'former', 'member', 'sender', 'blocked', 'moderator', 'admin', 'owner', 'extra'] as const;
  const people = await Promise.all([
    ...roles.map(async (role) => [role, await server.person(role)] as const),
    ...(['guest', 'visitor'] as const).map(async (actor) => [actor, await server.person(actor, 'guest')] as const),
  ]);
  const spares: Cast['spares'] = await Promise.all([server.person(), server.person(), server.person()]);
  const keeper = await server.person('keeper', 'admin');
  cast = { ...(Object.fromEntries(people) as Omit<Cast, 'spares' | 'keeper'>), spares, keeper };
  blockedDirect = await buildDirect(cast, cast.blocked, { ...NOTHING_MORE, scheduled: true });
  await cast.sender.call('block', { body: { userId: cast.blocked.id } });
  for (const [role, person] of people) if (role !== 'extra') connections.set(person, await person.connect());
});
afterAll(() => server.stop());

function overRest(route: RouteName, actor: Actor, input: Input): Promise<Outcome> {
  const token = actor === 'anonymous' ? undefined : cast[actor].signedIn.accessToken;
  return outcome(call(server.url, token, route, input as never));
}

/** Where nothing is ever changed. */
const lookedAt = new Map<Kind, Promise<Place>>();

/** A place for each actor; in a direct room who is blocked is the other one. */
async function placesFor(kind: Kind, wanted: Wanted, reads: boolean): Promise<(actor: Actor) => Place> {
  const build = () => (kind === 'direct' ? buildDirect(cast, cast.member, wanted) : buildPlace(cast, kind, wanted));
  const built = (reads ? lookedAt.get(kind) : undefined) ?? build();
  if (reads) lookedAt.set(kind, built);
  const place = await built;
  return (actor) => (kind === 'direct' && actor === 'blocked' ? blockedDirect : place);
}

/**
 * Asks for everyone, those who are to be refused first, and says where the answer is another.
 * @param reads whether it changes nothing, whoever asks: then where it is asked is shared with the others of that kind
 */
async function ask(
  row: Parameters<typeof expectedOf>[0],
  { forGuests, reads }: { forGuests: boolean; reads: boolean },
  kind: Kind,
  actors: readonly Actor[],
  perform: (actor: Actor, place: Place) => Promise<Outcome>,
): Promise<void> {
  const held = row === ROUTES.decideHeld || row === ROUTES.dropHeld;
  const rules = row === OF_A_RULE;
  const placeOf = await placesFor(kind, { scheduled: row === ROUTES.unschedule, held, rules }, reads);
  const cells = actors.flatMap((actor) => {
    const expected = expectedOf(row, kind, actor, forGuests);
    return expected === null ? [] : [{ actor, expected }];
  });
  const refused = cells.filter(({ expected }) => expected !== 'ok');
  const before = await stateOf(placeOf('sender'));
  const answers = await Promise.all(
    refused.map(async ({ actor }) => [actor, await perform(actor, placeOf(actor))] as const),
  );
  expect.soft(Object.fromEntries(answers), `refused in ${kind}`).toEqual(asObject(refused));
  expect.soft(await stateOf(placeOf('sender')), `what the refused have changed in ${kind}`).toEqual(before);
  const allowed = cells.filter(({ expected }) => expected === 'ok');
  const done: Record<string, Outcome> = {};
  for (const { actor } of allowed) done[actor] = await perform(actor, placeOf(actor));
  expect.soft(done, `allowed in ${kind}`).toEqual(asObject(allowed));
}

function asObject(cells: readonly { actor: Actor; expected: Outcome }[]): Record<string, Outcome> {
  return Object.fromEntries(cells.map(({ actor, expected }) => [actor, expected]));
}

// All that the sender is shown of a room; of a deleted one nothing. Profiles are in no order.
async function stateOf({ kind, roomId }: Place): Promise<unknown> {
  if (kind === 'deleted') return null;
  return { ...(await cast.sender.call('room', { params: { roomId } })), users: [] };
}

describe('over HTTP', () => {
  for (const name of Object.keys(ROUTES) as Case[]) {
    test(`${name}: each actor in each kind of room is answered as the matrix says, and who is refused changes nothing`, async () => {
      const perform = (actor: Actor, place: Place) => overRest(routeOf(name), actor, INPUTS[name](place, actor, cast));
      const how = { forGuests: GUESTS_MAY.routes.has(routeOf(name)), reads: rest[routeOf(name)].method === 'GET' };
      await Promise.all(KINDS.map((kind) => ask(ROUTES[name], how, kind, ACTORS, perform)));
    });
  }

  test.for(ONES_OWN)('%s: nobody without a token', async (route) => {
    const params = { userId: cast.member.id };
    expect(await overRest(route, 'anonymous', { params, query: {} })).toBe('unauthenticated');
  });
});

describe('over the socket', () => {
  const signedIn = ACTORS.filter((actor) => actor !== 'anonymous');
  const READS: readonly EventCase[] = ['room:join', 'room:leave', 'message:history', 'typing'];
  for (const event of Object.keys(EVENTS) as EventCase[]) {
    test(`${event}: each actor in each kind of room is answered as the matrix says, and who is refused changes nothing`, async () => {
      const perform = async (actor: Actor, place: Place) => {
        const connection = actor === 'anonymous' ? undefined : connections.get(cast[actor]);
        if (connection === undefined) throw new Error('not connected');
        return outcome(connection.ask(event, EVENT_INPUTS[event](place) as never));
      };
      const how = { forGuests: GUESTS_MAY.events.has(event), reads: READS.includes(event) };
      await Promise.all(KINDS.map((kind) => ask(EVENTS[event], how, kind, signedIn, perform)));
    });
  }

  test('nobody connects without a token', async () => {
    const socket = io(server.url, { transports: ['websocket'], forceNew: true, reconnection: false });
    const error = await new Promise<Error & { data?: { code: string } }>((resolve) =>
      socket.once('connect_error', resolve),
    );
    expect(error.data?.code).toBe('unauthenticated');
  });

  test('sync tells nothing of rooms that are not theirs, and follows none of them', async () => {
    for (const kind of ['group', 'public', 'language', 'thread', 'archived', 'deleted'] as const) {
      const { roomId } = await buildPlace(cast, kind);
      for (const actor of ['stranger', 'former'] as const) {
        const connection = await cast[actor].connect();
        const answer = await connection.ask('sync', { rooms: [{ roomId, rev: 0, mine: 0 }] });
        expect(answer.gone, `${actor}, ${kind}`).toEqual([roomId]);
        expect(JSON.stringify([answer.changed, answer.added, answer.users])).not.toContain(roomId);
        if (kind !== 'deleted' && kind !== 'archived') await cast.owner.say(roomId, 'Among us');
        await connection.ask('heartbeat', {});
        expect(connection.events.filter(({ payload }) => JSON.stringify(payload).includes(roomId))).toEqual([]);
      }
    }
  });
});

describe('ids that belong elsewhere', () => {
  const named = (key: string) =>
    (Object.keys(ROUTES) as Case[]).filter((name) => key in ((rest[routeOf(name)] as RouteSpec).params?.shape ?? {}));
  // Where everybody is refused, so that nothing is changed.
  let place: Place;
  let another: Place;
  beforeAll(async () => {
    [place, another] = await Promise.all([buildPlace(cast, 'group'), buildPlace(cast, 'group')]);
  });

  // Taking back what is not there is done already.
  test.for(named('messageId').filter((name) => name !== 'dropHeld'))(
    '%s: a message of another room is not found',
    async (name) => {
      const { params, ...rest } = INPUTS[name](place, 'owner', cast);
      for (const messageId of [another.textId, another.pollId, randomUUID()]) {
        const input = { ...rest, params: { ...params, messageId } };
        for (const actor of ['sender', 'owner'] as const) {
          expect(await overRest(routeOf(name), actor, input)).toBe('not_found');
        }
      }
    },
  );

  test.for(named('roomId'))('%s: a room that does not exist is not found', async (name) => {
    const { params, ...rest } = INPUTS[name](place, 'owner', cast);
    const input = { ...rest, params: { ...params, roomId: randomUUID() } };
    expect(await overRest(routeOf(name), 'owner', input)).toBe('not_found');
  });

  // What somebody wrote stays when they leave, and may be removed then.
  const onMembers = named('userId').filter((name) => name !== 'removeMessages');
  test.for(onMembers)('%s: who is nobody, or no member, is not found', async (name) => {
    const { params, ...rest } = INPUTS[name](place, 'owner', cast);
    for (const userId of [randomUUID(), cast.stranger.id, cast.former.id]) {
      const input = { ...rest, params: { ...params, userId } };
      expect(await overRest(routeOf(name), 'owner', input)).toBe('not_found');
    }
  });

  test('an invitation is ended only in its own room, a scheduled message only by its author', async () => {
    const [here, there] = await Promise.all([
      buildPlace(cast, 'group'),
      buildPlace(cast, 'group', { ...NOTHING_MORE, scheduled: true }),
    ]);
    const params = { roomId: here.roomId, inviteId: there.invites[0].id };
    expect(await overRest('revokeInvite', 'owner', { params })).toBe('not_found');
    expect(await overRest('invite', 'stranger', { params: { code: there.invites[0].code } })).toBe('ok');
    const { scheduledId } = there;
    for (const actor of ['owner', 'member', 'stranger'] as const) {
      expect(await overRest('unschedule', actor, { params: { scheduledId } })).toBe('not_found');
    }
    expect(await overRest('unschedule', 'sender', { params: { scheduledId } })).toBe('ok');
  });

  test('people who are nobody are not found, wherever they are named', async () => {
    const { roomId } = await buildPlace(cast, 'group');
    const userId = randomUUID();
    const named: [RouteName, Input][] = [
      ['createRoom', { body: { name: 'Ghosts', memberIds: [cast.member.id, userId] } }],
      ['addMembers', { params: { roomId }, body: { userIds: [userId] } }],
      ['directRoom', { body: { userId } }],
      ['block', { body: { userId } }],
      ['user', { params: { userId } }],
    ];
    for (const [route, input] of named) expect(await overRest(route, 'owner', input), route).toBe('not_found');
  });

  test('replies stay in their room, and nobody passes on what they cannot read', async () => {
    const [here, there] = await Promise.all([buildPlace(cast, 'group'), buildPlace(cast, 'group')]);
    await cast.owner.call('removeMember', { params: { roomId: there.roomId, userId: cast.member.id } });
    const content: [object, Actor][] = [
      [{ body: 'To another room', replyTo: there.textId }, 'sender'],
      [{ body: 'To nothing', replyTo: randomUUID() }, 'sender'],
      [{ forward: { roomId: there.roomId, messageId: there.textId } }, 'member'],
      [{ forward: { roomId: here.roomId, messageId: there.textId } }, 'member'],
      [{ forward: { roomId: there.roomId, messageId: here.textId } }, 'sender'],
    ];
    for (const [body, actor] of content) {
      expect(await overRest('sendMessage', actor, send(body)(here)), JSON.stringify(body)).toBe('not_found');
    }
    expect(
      await overRest('schedule', 'sender', send({ body: 'x', replyTo: there.textId, sendAt: Date.now() + 1e6 })(here)),
    ).toBe('not_found');
  });

  test('a direct room is not opened, nor written in, between people of whom one blocks the other', async () => {
    const openings: [Actor, string][] = [
      ['sender', cast.blocked.id],
      ['blocked', cast.sender.id],
    ];
    for (const [actor, userId] of openings) {
      expect(await overRest('directRoom', actor, { body: { userId } })).toBe('blocked');
    }
  });
});

describe('the matrix is complete', () => {
  test('every route has a row, and every row a route', () => {
    const open = Object.keys(rest).filter((name) => (rest[name as RouteName] as RouteSpec).auth !== 'user');
    const rows = (Object.keys(ROUTES) as Case[]).map(routeOf);
    const administration = (Object.keys(ADMINISTRATION) as AdministrationCase[]).map(routeOf);
    const lounges = Object.keys(LOUNGES);
    const all = [...new Set([...rows, ...ONES_OWN, ...administration, ...lounges, ...open])];
    expect(all.toSorted()).toEqual(Object.keys(rest).toSorted());
    expect([...rows, ...administration].filter((name) => ONES_OWN.includes(name))).toEqual([]);
  });

  test('every event has a row, and every row an event', () => {
    expect([...Object.keys(EVENTS), ...ONES_OWN_EVENTS].toSorted()).toEqual(Object.keys(clientEvents).toSorted());
  });

  test('every outcome is one the table declares', () => {
    const rows = [
      ...(Object.keys(ROUTES) as Case[]).map((name) => [name, ROUTES[name], rest[routeOf(name)] as RouteSpec] as const),
      ...(Object.keys(EVENTS) as EventCase[]).map((name) => [name, EVENTS[name], clientEvents[name]] as const),
    ];
    for (const [name, row, spec] of rows) {
      const declared: readonly Outcome[] = (spec as ClientEventSpec).errors ?? [];
      const outcomes = KINDS.flatMap((kind) => ACTORS.map((actor) => expectedOf(row, kind, actor, true)));
      const undeclared = outcomes.filter(
        (code) => code !== null && !['ok', 'unauthenticated'].includes(code) && !declared.includes(code),
      );
      expect.soft([...new Set(undeclared)], name).toEqual([]);
    }
  });
});
