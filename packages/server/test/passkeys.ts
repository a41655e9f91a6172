/** People with passkeys on the accounts module. */
import type { Passkey } from '@confab/protocol';
import { expect } from 'vitest';
import { type AccountsWorld, type Answer, startAccounts } from './accounts.ts';
import { type Fault, SoftAuthenticator } from './soft-authenticator.ts';

export const ORIGIN = 'https://chat.example';

/** What the server asks a device for. */
export interface Ceremony {
  challenge: string;
  options: Record<string, unknown>;
}

export interface Holder {
  userId: string;
  token: string;
}

export interface PasskeyWorld extends AccountsWorld {
  /** Somebody new. */
  holder(name?: string): Promise<Holder>;
  newOptions(owner: Holder): Promise<Ceremony>;
  add(owner: Holder, challenge: string, response: object, name?: string): Promise<Answer>;
  /** A passkey of theirs, registered. */
  register(
    owner: Holder,
    device?: SoftAuthenticator,
    name?: string,
  ): Promise<{ device: SoftAuthenticator; passkey: Passkey }>;
  signInOptions(): Promise<Ceremony>;
  signIn(challenge: string, response: object): Promise<Answer>;
  signInWith(device: SoftAuthenticator, fault?: Fault): Promise<Answer>;
  list(owner: Holder): Promise<Passkey[]>;
}

export async function startPasskeys(): Promise<PasskeyWorld> {
  const accounts = await startAccounts();
  const caller = accounts.caller();
  let people = 0;

  const world: PasskeyWorld = {
    ...accounts,
    async holder(name = `person${++people}`) {
      const { user, accessToken } = await caller.signUp(name);
      return { userId: user.id, token: accessToken };
    },
    async newOptions({ token }) {
      const answer = await caller.call('newPasskey', { token });
      expect(answer.status).toBe(200);
      return answer.body as Ceremony;
    },
    add({ token }, challenge, response, name = 'Phone') {
      return caller.call('addPasskey', { token, body: { challenge, response, name } });
    },
    async register(owner, device = new SoftAuthenticator(ORIGIN), name = 'Phone') {
      const { challenge, options } = await world.newOptions(owner);
      const answer = await world.add(owner, challenge, device.create(options), name);
      expect(answer.status).toBe(201);
      return { device, passkey: answer.body as Passkey };
    },
    async signInOptions() {
      return (await caller.call('passkeyOptions')).body as Ceremony;
    },
    signIn(challenge, response) {
      return caller.call('passkeySignIn', { body: { challenge, response, transport: 'body' } });
    },
    async signInWith(device, fault) {
      const { challenge, options } = await world.signInOptions();
      return world.signIn(challenge, device.get(options, fault));
    },
    async list({ token }) {
      return ((await caller.call('security', { token })).body as { passkeys: Passkey[] }).passkeys;
    },
  };
  return world;
}
