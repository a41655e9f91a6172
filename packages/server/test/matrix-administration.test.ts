/** Everyone who asks to administrate, by every route of administration, on everyone. The expectations are `matrix.ts`. */
import { randomUUID } from 'node:crypto';
import { type Account, type ErrorCode, type Role, type RouteName, Scope } from '@confab/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ADMINISTRATION,
  type AdministrationCase,
  ADMINISTRATORS,
  type LoungeCase,
  LOUNGES,
  routeOf,
} from './matrix.ts';
import { call, outcome, Person } from './person.ts';
import { blank } from './pictures.ts';
import { languageRoom, type TestLounge } from './rooms.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
/** Sees how things stand; acts on nobody. */
let witness: Person;
const people = new Map<string, Person>();

beforeAll(async () => {
  server = await startServer();
  witness = await server.person('witness', 'owner');
  for (const role of ['guest', 'user', 'moderator', 'admin', 'owner'] as const) {
    people.set(role, await server.person(role, role));
  }
  const scopes = Scope.options.filter((scope) => !scope.startsWith('admin:'));
  const { token } = await witness.call('createApiToken', { body: { name: 'Bot', scopes, expiresInDays: 1 } });
  people.set('token', Person.withToken(witness, token));
});
afterAll(() => server.stop());

const BODIES: Partial<Record<RouteName, object>> = {
  setRole: { role: 'moderator' },
  ban: { reason: 'Spam', until: null },
  disableAccount: { reason: 'Spam' },
  addAddressBan: { range: '203.0.113.0/24', reason: 'Spam' },
  noteUser: { text: 'Talked to them' },
  liftSanction: { reason: 'Sorry' },
  decideAppeal: { granted: true, note: 'Looked at' },
  assignCase: { assigneeId: null, version: 1 },
  noteCase: { text: 'Looked at' },
  closeCase: { outcome: 'no_action', version: 1 },
};

/** Somebody new to act upon. */
async function someone(by: Person | undefined, whom: string): Promise<string> {
  if (whom === 'self') return (by ?? witness).id;
  const role = whom === 'raise' ? 'user' : (whom as Role);
  return (await server.person('target', role)).id;
}

async function stateOf(userId: string): Promise<Account> {
  return { ...(await witness.call('account', { params: { userId } })), lastUsedAt: null };
}

function attempt(by: Person | undefined, route: RouteName, input: object): Promise<'ok' | ErrorCode> {
  return outcome(call(server.url, by?.signedIn.accessToken, route, input as never));
}

/** Where one is taken away. */
const PICTURE = new Blob([blank(3, 3)], { type: 'image/png' });
const LOUNGE_BODIES: Partial<Record<LoungeCase, object>> = {
  createLounge: { name: 'Another' },
  updateLounge: { name: 'Changed' },
  setLoungePicture: new Blob([blank(4, 4)], { type: 'image/png' }),
  createLanguageRoom: { language: 'de' },
  updateLanguageRoom: { capacity: 5 },
};

test.each(Object.keys(LOUNGES) as LoungeCase[])(
  '%s: each is answered as the matrix says, and who is refused changes nothing',
  async (route) => {
    // Another one for each who may change it: there are no more than 50.
    let place: TestLounge | undefined;
    for (const administrator of ADMINISTRATORS) {
      place ??= await languageRoom(server);
      const { admin, loungeId, roomId } = place;
      if (route === 'removeLoungePicture')
        await admin.call('setLoungePicture', { params: { loungeId }, body: PICTURE });
      const lounges = () => call(server.url, undefined, 'lounges', {});
      const before = await lounges();
      const body = LOUNGE_BODIES[route];
      const input = { params: { loungeId, roomId }, ...(body === undefined ? {} : { body }) };
      const answer = await attempt(people.get(administrator), route, input);
      expect.soft(answer, administrator).toBe(LOUNGES[route][administrator]);
      if (answer === 'ok') expect.soft(await lounges(), administrator).not.toEqual(before);
      else expect.soft(await lounges(), administrator).toEqual(before);
      if (answer === 'ok') place = undefined;
    }
  },
);

test.each(Object.keys(ADMINISTRATION) as AdministrationCase[])(
  '%s: each is answered as the matrix says, and who is refused changes nothing',
  async (name) => {
    const route = routeOf(name);
    const [, whom = 'user'] = name.split('.');
    for (const administrator of ADMINISTRATORS) {
      const by = people.get(administrator);
      const userId = await someone(by, whom);
      const before = await stateOf(userId);
      const body = name === 'setRole.raise' ? { role: 'admin' } : BODIES[route];
      const nothing = { banId: randomUUID(), caseId: randomUUID(), sanctionId: randomUUID() };
      const input = { params: { userId, ...nothing }, query: {}, ...(body === undefined ? {} : { body }) };
      const answer = await attempt(by, route, input);
      expect.soft(answer, administrator).toBe(ADMINISTRATION[name][administrator]);
      if (answer !== 'ok') expect.soft(await stateOf(userId), administrator).toEqual(before);
    }
  },
);
