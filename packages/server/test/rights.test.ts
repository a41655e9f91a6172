/** What guests and API tokens may call at all, on the whole server: every route and every event. rights.ts of the protocol says it. */
import { randomUUID } from 'node:crypto';
import {
  clientEvents,
  type ClientEventName,
  type ErrorCode,
  GUESTS_MAY,
  rest,
  type RouteName,
  type RouteSpec,
  Scope,
  SCOPE_OF_EVENT,
  scopeOfRoute,
} from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventCase } from './matrix.ts';
import { EVENT_INPUTS } from './matrix-inputs.ts';
import type { Place } from './matrix-rooms.ts';
import { call, type Connected, outcome, Person } from './person.ts';
import { joinRoom, languageRoom, room } from './rooms.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let owner: Person;
beforeAll(async () => {
  server = await startServer();
  owner = await server.person('owner', 'owner');
});
afterAll(() => server.stop());

const routes = (Object.keys(rest) as RouteName[]).filter((name) => rest[name].auth === 'user');
const events = Object.keys(clientEvents) as ClientEventName[];

/** Of a thing that does not exist: whoever may call at all is told so, or that the input is wrong. */
function called(by: Person, name: RouteName): Promise<ErrorCode | 'ok'> {
  const { method, params, upload }: RouteSpec = rest[name];
  const input = {
    params: Object.fromEntries(Object.keys(params?.shape ?? {}).map((key) => [key, randomUUID()])),
    query: { surprise: 'x' },
    ...(method === 'GET' ? {} : { body: upload === undefined ? [] : new Blob([], { type: upload.types[0] ?? '' }) }),
  };
  return outcome(call(server.url, by.signedIn.accessToken, name, input as never));
}

const nowhere: Place = {
  kind: 'group',
  roomId: randomUUID(),
  textId: randomUUID(),
  pollId: randomUUID(),
  invites: [0, 1, 2].map(() => ({ id: randomUUID(), code: 'none' })) as Place['invites'],
  scheduledId: randomUUID(),
  heldIds: [randomUUID(), randomUUID(), randomUUID()],
  ruleIds: [randomUUID(), randomUUID(), randomUUID()],
};
const OWN_EVENTS: Partial<Record<ClientEventName, object>> = {
  sync: { rooms: [] },
  'presence:set': { status: 'auto' },
  'presence:watch': { userIds: [] },
  heartbeat: {},
  'match:find': {},
  'match:next': {},
  'match:stop': {},
  'match:state': {},
};

function asked(connection: Connected, event: ClientEventName): Promise<ErrorCode | 'ok'> {
  const input = OWN_EVENTS[event] ?? EVENT_INPUTS[event as EventCase](nowhere);
  return outcome(connection.ask(event, input));
}

async function tokenOf(scopes: readonly Scope[]): Promise<{ id: string; bot: Person }> {
  const { id, token } = await owner.call('createApiToken', {
    body: { name: 'Bot', scopes: [...scopes], expiresInDays: 1 },
  });
  return { id, bot: Person.withToken(owner, token) };
}

describe('an API token', () => {
  test.each(Scope.options)(
    'P-TOKEN-2 with %s alone is refused every route and event of another scope',
    async (scope) => {
      const { bot } = await tokenOf([scope]);
      for (const name of routes) {
        const code = await called(bot, name);
        if (scopeOfRoute(name) === scope) expect.soft(code, name).not.toBe('scope_missing');
        else expect.soft(code, name).toBe('scope_missing');
      }
      const connection = await bot.connect();
      for (const event of events) {
        const needed = SCOPE_OF_EVENT[event];
        const code = await asked(connection, event);
        if (needed === 'any' || needed === scope) expect.soft(code, event).not.toBe('scope_missing');
        else expect.soft(code, event).toBe('scope_missing');
      }
      connection.socket.disconnect();
    },
  );

  test('P-TOKEN-2 with every scope makes no tokens, changes no way in, and does nothing that asks for a step-up', async () => {
    const { bot } = await tokenOf(Scope.options);
    for (const name of routes) {
      const { group, stepUp }: RouteSpec = rest[name];
      if (group === 'Accounts' && name !== 'profile') expect.soft(await called(bot, name), name).toBe('scope_missing');
      else if (stepUp === true) {
        const body = { role: 'user' };
        const input = { params: { userId: randomUUID() }, body };
        expect
          .soft(await outcome(call(server.url, bot.signedIn.accessToken, name, input as never)), name)
          .toBe('step_up_required');
      }
    }
  });

  test('P-TOKEN-2 without a scope that reads rooms or messages is told nothing of them', async () => {
    const { room } = await owner.call('createRoom', { body: { name: 'Office', kind: 'group', memberIds: [] } });
    const hearing: readonly Scope[] = ['rooms:read', 'messages:read'];
    const connections = new Map<Scope, Connected>();
    for (const scope of Scope.options) connections.set(scope, await (await tokenOf([scope])).bot.connect());
    // Answered once they follow what they may.
    await Promise.all([...connections.values()].map((connection) => connection.ask('heartbeat', {})));
    const witness = await owner.connect();
    await witness.ask('heartbeat', {});
    await owner.say(room.id, 'among ourselves');
    await owner.call('block', { body: { userId: (await server.person()).id } });
    await witness.until(({ event }) => event === 'blocks');
    for (const [scope, connection] of connections) {
      await connection.ask('heartbeat', {});
      const heard = connection.events.map(({ event }) => event);
      if (hearing.includes(scope)) expect.soft(heard, scope).toContain('message');
      else expect.soft(heard, scope).toEqual([]);
      connection.socket.disconnect();
    }
    witness.socket.disconnect();
  });

  test('P-TOKEN-2 with every scope meets no strangers, nor ends a match of its owner', async () => {
    await owner.call('confirmAge', { body: { ofAge: true } });
    const own = await owner.connect();
    await own.ask('match:find', {});
    const bot = await (await tokenOf(Scope.options)).bot.connect();
    for (const event of ['match:find', 'match:next', 'match:stop', 'match:state'] as const) {
      expect.soft(await asked(bot, event), event).toBe('scope_missing');
    }
    expect(await own.ask('match:state', {})).toMatchObject({ state: 'waiting' });
    await own.ask('match:stop', {});
    own.socket.disconnect();
    bot.socket.disconnect();
  });

  test('P-TOKEN-2 hears no notices, nothing of strangers, and of moderation what it may read', async () => {
    const scopes: Scope[][] = [['messages:read'], ['messages:read', 'moderation:read'], [...Scope.options]];
    const bots = await Promise.all(scopes.map(async (some) => (await tokenOf(some)).bot.connect()));
    await Promise.all(bots.map((bot) => bot.ask('heartbeat', {})));
    const own = await owner.connect();
    const [other, second] = [await server.person('other'), await server.person('second', 'owner')];
    await owner.call('confirmAge', { body: { ofAge: true } });
    await own.ask('match:find', {});
    await own.ask('match:stop', {});
    await other.call('report', { body: { target: { type: 'user', userId: second.id }, category: 'spam' } });
    const { room } = await owner.call('createRoom', { body: { name: 'Office', memberIds: [other.id] } });
    const { id: messageId } = await other.say(room.id, 'reported');
    const report = { target: { type: 'message' as const, roomId: room.id, messageId }, category: 'spam' as const };
    await owner.call('report', { body: report });
    const [found] = (await second.call('cases', { query: { roomId: room.id } })).cases;
    const close = { outcome: 'no_action' as const, version: found?.version ?? 0 };
    await second.call('closeCase', { params: { caseId: found?.id ?? '' }, body: close });
    const guarded = ['notice', 'match', 'moderation'];
    const heard = ({ events }: Connected) => [
      ...new Set(events.map(({ event }) => event).filter((event) => guarded.includes(event))),
    ];
    for (const event of guarded) await own.until((one) => one.event === event);
    await Promise.all(bots.map((bot) => bot.ask('heartbeat', {})));
    expect(bots.map(heard)).toEqual([[], ['moderation'], ['moderation']]);
    for (const { socket } of [own, ...bots]) socket.disconnect();
  });

  test('P-TOKEN-3 revoked, is cut off at once', async () => {
    const { id, bot } = await tokenOf(['messages:read']);
    const connection = await bot.connect();
    await owner.call('revokeApiToken', { params: { tokenId: id } });
    await connection.until(({ event }) => event === 'session:ended');
    expect(connection.events.at(-1)).toEqual({ event: 'session:ended', payload: { reason: 'revoked' } });
    await expect(bot.connect()).rejects.toMatchObject({ data: { code: 'session_ended' } });
  });
});

describe('a guest', () => {
  test('P-GUEST-2 is refused every route and event but those that guests may call', async () => {
    const guest = await server.person('guest', 'guest');
    for (const name of routes) {
      const code = await called(guest, name);
      if (GUESTS_MAY.routes.has(name)) expect.soft(code, name).not.toBe('members_only');
      else expect.soft(code, name).toBe('members_only');
    }
    const connection = await guest.connect();
    for (const event of events) {
      const code = await asked(connection, event);
      if (GUESTS_MAY.events.has(event)) expect.soft(code, event).not.toBe('members_only');
      else expect.soft(code, event).toBe('members_only');
    }
  });

  test('P-GUEST-3 who becomes a member stays connected, in their rooms and the author of what they wrote', async () => {
    const [host, guest] = [await server.person('host'), await server.person('guest', 'guest')];
    const { roomId } = await languageRoom(server);
    const params = { roomId };
    for (const person of [host, guest]) await joinRoom(person, roomId);
    const before = await guest.say(roomId, 'As a guest');
    const connection = await guest.connect();
    await connection.ask('heartbeat', {});
    const username = `member${randomUUID().slice(0, 8)}`;
    const body = { email: `${username}@example.com`, password: 'a good password', username };
    expect(await guest.call('upgradeGuest', { body })).toMatchObject({ id: guest.id, role: 'user', username });
    // The same token, at once: what guests may not do.
    await guest.call('createRoom', { body: { name: 'My own', kind: 'group', memberIds: [host.id] } });
    await host.say(roomId, 'Welcome');
    await connection.until(
      ({ event, payload }: { event: string; payload: { message?: { body: string } } }) =>
        event === 'message' && payload.message?.body === 'Welcome',
    );
    const { messages, users } = await host.call('messages', { params, query: {} });
    expect(messages).toContainEqual(expect.objectContaining({ id: before.id, senderId: guest.id }));
    expect(users).toContainEqual(expect.objectContaining({ id: guest.id, username, role: 'user' }));
  });

  test('P-GUEST-4 learns nothing of the rooms of others', async () => {
    const guest = await server.person('guest', 'guest');
    const { roomId } = await room(server);
    for (const name of ['room', 'joinRoom', 'messages', 'members'] as const) {
      expect(await outcome(guest.call(name, { params: { roomId }, query: {} })), name).toBe('not_found');
    }
    expect(await outcome(guest.say(roomId, 'Hello?'))).toBe('not_found');
  });
});
