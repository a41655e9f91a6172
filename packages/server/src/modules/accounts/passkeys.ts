/** Passkeys: WebAuthn credentials that live on people's devices, unlocked there by a fingerprint, a face or a PIN. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { LIMITS, type Passkey, ProtocolError } from '@confab/protocol';
import { z } from 'zod';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Core } from './core.ts';
import * as rows from './passkey-rows.ts';
import { relyingParty } from './relying-party.ts';
import * as users from './user-rows.ts';
import { demandAnotherWayIn } from './ways-left.ts';

/** Seconds. */
const LIFETIME_S = 5 * 60;
const RP_NAME = 'Confab';
/** EdDSA, ES256, RS256 (RFC 9053, RFC 8812): what devices have. */
const ALGORITHMS = [-8, -7, -257];

type ProvingPurpose = 'passkey_sign_in' | 'passkey_step_up';

/** What the browser is given; the challenge comes back with its answer. */
interface Ceremony {
  challenge: string;
  options: Record<string, unknown>;
}

/** All but `list`, `rename` and `remove` throw `not_enabled` where no browser could do it. */
export interface Passkeys {
  /** @throws ProtocolError limit_reached */
  newOptions(userId: string): Promise<Ceremony>;
  /**
   * Keeps the passkey the browser made with `newOptions`, and tells its owner by mail. The challenge is used up whatever
   * the outcome.
   * @throws ProtocolError invalid_passkey, limit_reached, session_ended
   */
  register(actor: Actor, challenge: string, response: unknown, name: string, ip: string): Promise<Passkey>;
  /** @throws ProtocolError not_found */
  rename(userId: string, passkeyId: string, name: string): Promise<Passkey>;
  /** @throws ProtocolError not_found, last_way_in */
  remove(userId: string, passkeyId: string, ip: string): Promise<void>;
  list(userId: string): Promise<Passkey[]>;
  /** @param userId whose passkeys are asked for; null: whichever the device has for this site */
  challenge(purpose: ProvingPurpose, userId: string | null): Promise<Ceremony>;
  /**
   * Whose passkey it is; of the one `challenge` was made for, where it was made for someone. The challenge is used up
   * whatever the outcome. Whether that person may come in is another question.
   * @throws ProtocolError invalid_passkey
   */
  prove(
    purpose: ProvingPurpose,
    challenge: string,
    response: unknown,
    ip: string,
  ): Promise<{ userId: string; passkeyId: string }>;
  /**
   * Makes sure, the account's row being locked, that a passkey that was proven a moment ago is still there.
   * @throws ProtocolError invalid_passkey
   */
  demandKept(tx: Queryable, userId: string, passkeyId: string): Promise<void>;
}

const base64url = z.string().regex(/^[\w-]+$/);
const common = { id: base64url, rawId: base64url, type: z.literal('public-key') };
/** RegistrationResponseJSON of WebAuthn Level 3 §5.1, as far as it is looked at. */
const Registration = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(20)).max(10).default([]),
  }),
});
/** AuthenticationResponseJSON, likewise. */
const Authentication = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.exactOptional(),
  }),
});

/** Loaded when it is first needed: 13 MB that most installations never use. */
const webauthn = () => import('@simplewebauthn/server');

export function createPasskeys(core: Core): Passkeys {
  const { db, clock, ids, config, audit, challenges, letters, log, sessions } = core;

  function demandRelyingParty() {
    const party = relyingParty(config.baseUrl());
    if (party === undefined) throw new ProtocolError('not_enabled');
    return party;
  }

  /** Any way in which a response is not as it should be looks the same from outside. */
  function refused(why: unknown): ProtocolError {
    log.info({ why: why instanceof Error ? why.message : why }, 'a passkey was refused');
    return new ProtocolError('invalid_passkey');
  }

  function parse<T>(schema: z.ZodType<T>, response: unknown): T {
    const parsed = schema.safeParse(response);
    if (!parsed.success) throw refused('the response is incomplete');
    return parsed.data;
  }

  async function redeem(purpose: ProvingPurpose | 'passkey_new', challenge: string) {
    // Committed by itself: a refusal that follows leaves it used up.
    const proven = await challenges.redeem(db, purpose, challenge);
    if (proven === undefined) throw refused('the challenge is unknown');
    return proven;
  }

  async function verifyNew(challenge: string, response: z.output<typeof Registration>) {
    const party = demandRelyingParty();
    const { attestationObject } = response.response;
    // No attestation is asked for. Certificates would be followed to addresses that a stranger wrote into them.
    const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers');
    const statement = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')));
    if (!['none', 'packed'].includes(statement.get('fmt')) || statement.get('attStmt').get('x5c') !== undefined) {
      throw new Error('it came with an attestation');
    }
    const { verifyRegistrationResponse } = await webauthn();
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} } satisfies RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified || registrationInfo.credential.id !== response.id) throw new Error('it is not verified');
    return registrationInfo.credential;
  }

  /** The counter it shows. */
  async function verifyUse(
    challenge: string,
    response: z.output<typeof Authentication>,
    credential: rows.Credential,
  ): Promise<number> {
    const party = demandRelyingParty();
    const { verifyAuthenticationResponse } = await webauthn();
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...response, clientExtensionResults: {} } satisfies AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      // Compared where it is stored, once the signature is known to be right.
      credential: { id: credential.credentialId, publicKey: new Uint8Array(credential.publicKey), counter: 0 },
      requireUserVerification: true,
    });
    if (!verified) throw new Error('the signature is wrong');
    return authenticationInfo.newCounter;
  }

  return {
    async newOptions(userId) {
      const party = demandRelyingParty();
      const [known, user] = await Promise.all([rows.credentials(db, userId), users.publicProfile(db, userId)]);
      if (user === undefined) throw new ProtocolError('not_found');
      if (known.length >= LIMITS.passkeys) throw new ProtocolError('limit_reached');
      const challenge = await challenges.issue(db, { purpose: 'passkey_new', userId, lifetime: LIFETIME_S });
      const { generateRegistrationOptions } = await webauthn();
      const options = await generateRegistrationOptions({
        rpName: RP_NAME,
        rpID: party.id,
        userID: handleOf(userId),
        userName: user.username,
        userDisplayName: user.name,
        challenge: bytesOf(challenge),
        timeout: LIFETIME_S * 1000,
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: known.map(descriptor),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
      return { challenge, options: { ...options } };
    },

    async register(actor, challenge, given, name, ip) {
      const { userId } = actor;
      demandRelyingParty();
      const begun = await redeem('passkey_new', challenge);
      if (begun.userId !== userId) throw refused('the challenge is someone else’s');
      const response = parse(Registration, given);
      const made = await verifyNew(challenge, response).catch((error: unknown) => {
        throw refused(error);
      });
      return db.transaction(async (tx) => {
        // One after another: neither the limit nor a deletion is overtaken.
        await sessions.demandLive(tx, actor);
        if ((await rows.passkeys(tx, userId)).length >= LIMITS.passkeys) throw new ProtocolError('limit_reached');
        const passkey = { id: ids.uuid(), name, createdAt: clock.now() };
        const added = await rows.insertPasskey(tx, {
          ...passkey,
          userId,
          credentialId: made.id,
          publicKey: Buffer.from(made.publicKey),
          counter: made.counter,
          transports: response.response.transports,
        });
        if (!added) throw refused('it is registered already');
        await audit.record(tx, { action: 'passkey.added', actorId: userId, targetId: userId, ip, details: { name } });
        const owner = await users.loginOf(tx, userId);
        if (owner?.email && owner.emailVerified) {
          await letters.send(tx, owner.email, { about: 'passkey_added', name });
        }
        return { ...passkey, lastUsedAt: null };
      });
    },

    async rename(userId, passkeyId, name) {
      const renamed = await rows.renamePasskey(db, userId, passkeyId, name);
      if (renamed === undefined) throw new ProtocolError('not_found');
      return renamed;
    },

    async remove(userId, passkeyId, ip) {
      await db.transaction(async (tx) => {
        await users.lockStanding(tx, userId);
        if (!(await rows.deletePasskey(tx, userId, passkeyId))) throw new ProtocolError('not_found');
        await demandAnotherWayIn(core, tx, userId);
        await audit.record(tx, { action: 'passkey.removed', actorId: userId, targetId: userId, ip });
      });
    },

    list: (userId) => rows.passkeys(db, userId),

    async challenge(purpose, userId) {
      const party = demandRelyingParty();
      const known = userId === null ? [] : await rows.credentials(db, userId);
      const challenge = await challenges.issue(db, { purpose, userId, lifetime: LIFETIME_S });
      const { generateAuthenticationOptions } = await webauthn();
      const options = await generateAuthenticationOptions({
        rpID: party.id,
        challenge: bytesOf(challenge),
        timeout: LIFETIME_S * 1000,
        allowCredentials: known.map(descriptor),
        userVerification: 'required',
      });
      return { challenge, options: { ...options } };
    },

    async prove(purpose, challenge, given, ip) {
      demandRelyingParty();
      const begun = await redeem(purpose, challenge);
      const response = parse(Authentication, given);
      const credential = await rows.credential(db, response.id);
      if (credential === undefined) throw refused('it is unknown');
      const { userId } = credential;
      const refuse = async (why: unknown, action: string) => {
        await audit.record(db, { action, targetId: userId, ip, details: { method: 'passkey', purpose } });
        return refused(why);
      };
      const { userHandle } = response.response;
      // Where nobody was named, the device says whose it is (WebAuthn Level 3 §7.2 step 6).
      const named = userHandle ?? (begun.userId === null ? undefined : encodedHandle(userId));
      if (named !== encodedHandle(userId) || (begun.userId !== null && begun.userId !== userId)) {
        throw await refuse('it is someone else’s', 'sign_in.failed');
      }
      const counter = await verifyUse(challenge, response, credential).catch(async (error: unknown) => {
        throw await refuse(error, 'sign_in.failed');
      });
      // A counter that does not go up means that two devices hold the key (§6.1.1).
      if (!(await rows.usePasskey(db, credential.id, counter, clock.now()))) {
        throw await refuse('its counter went back', 'passkey.copied');
      }
      return { userId, passkeyId: credential.id };
    },

    async demandKept(tx, userId, passkeyId) {
      const kept = await rows.passkeys(tx, userId);
      if (!kept.some(({ id }) => id === passkeyId)) throw refused('it was removed meanwhile');
    },
  };
}

/** The token is the challenge: whoever signs it holds it, and it is looked up by it. */
function bytesOf(challenge: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(challenge, 'base64url'));
}

function handleOf(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(userId));
}

function encodedHandle(userId: string): string {
  return Buffer.from(userId).toString('base64url');
}

function descriptor({ credentialId, transports }: rows.Credential) {
  return { id: credentialId, transports };
}
