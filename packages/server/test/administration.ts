/** People of every role on the accounts module, and what they do to each other. */
import type { AuditEntry, ErrorCode, Role, SignedIn } from '@confab/protocol';
import type { Frame } from '../src/platform/bus/index.ts';
import { type AccountsWorld, type Answer, type Caller, PASSWORD, startAccounts } from './accounts.ts';

const BODIES = {
  ban: { reason: 'Spam', until: null },
  unban: undefined,
  disableAccount: { reason: 'Spam' },
  enableAccount: undefined,
  signOutAccount: undefined,
  setRole: { role: 'user' },
};
export type Deed = keyof typeof BODIES;
/** None keeps the next from being done to the same person. */
export const DEEDS: readonly Deed[] = Object.keys(BODIES) as Deed[];

export interface Someone {
  id: string;
  username: string;
  token: string;
  refreshToken: string;
}

export interface Administered {
  world: AccountsWorld;
  caller: Caller;
  /** What nodes have been told, in order. */
  frames: Frame[];
  someone(role?: Role): Promise<Someone>;
  /** With a body that fits, unless one is given. */
  act(by: Someone, deed: Deed, whom: { id: string }, body?: object): Promise<Answer>;
  signIn(whom: Someone): Promise<Answer>;
  /** Whether the access token they were given first is good. */
  isSignedIn(whom: Someone): Promise<ErrorCode | 'yes'>;
  /** What the audit log says one did to the other, the latest first. */
  audited(by: Someone, whom: Someone): Promise<AuditEntry[]>;
}

export async function startAdministered(): Promise<Administered> {
  const world = await startAccounts();
  const caller = world.caller();
  const frames: Frame[] = [];
  for (const channel of ['sessions', 'caches'] as const) {
    await world.bus.subscribe(channel, (frame) => void frames.push(frame));
  }
  let people = 0;

  async function signedUp(role: Role): Promise<SignedIn> {
    if (role === 'guest') return (await caller.call('guest', { body: { transport: 'body' } })).body as SignedIn;
    const signedIn = await caller.signUp(`person${people++}`);
    await world.db.query('update accounts.users set role = $2 where id = $1', [signedIn.user.id, role]);
    return signedIn;
  }

  return {
    world,
    caller,
    frames,
    async someone(role = 'user') {
      const { user, accessToken, refreshToken = '' } = await signedUp(role);
      return { id: user.id, username: user.username, token: accessToken, refreshToken };
    },
    act(by, deed, whom, body: object | undefined = BODIES[deed]) {
      return caller.call(deed, {
        token: by.token,
        params: { userId: whom.id },
        ...(body === undefined ? {} : { body }),
      });
    },
    signIn: ({ username }) => caller.call('signIn', { body: { username, password: PASSWORD, transport: 'body' } }),
    async isSignedIn({ token }) {
      return (await caller.call('profile', { token })).code ?? 'yes';
    },
    async audited(by, whom) {
      const { body } = await caller.call('audit', { token: by.token, query: { targetId: whom.id, actorId: by.id } });
      return (body as { entries: AuditEntry[] }).entries;
    },
  };
}
