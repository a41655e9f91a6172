import { Id, ProtocolError } from '@confab/protocol';
import type { CryptoKey, JWSHeaderParameters } from 'jose';
import * as errors from 'jose/errors';
import { SignJWT } from 'jose/jwt/sign';
import { jwtVerify } from 'jose/jwt/verify';
import { z } from 'zod';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import { ALGORITHM, type SigningKeys } from './keys.ts';

/** Seconds. */
export const ACCESS_TOKEN_LIFETIME_S = 15 * 60;
// Installations differ in their keys; the issuer only tells these tokens from others a key might sign one day.
const ISSUER = 'confab';
/** RFC 9068: keeps other kinds of JWT from being taken for access tokens. */
const TYPE = 'at+jwt';
const MAX_LENGTH = 4096;
/** RFC 7515 §7.1, base64url without padding: one token has one spelling, whatever a decoder lets pass. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const Claims = z.object({ sub: Id, sid: Id, exp: z.int() });

export interface VerifiedToken {
  userId: string;
  sessionId: string;
  /** Epoch ms. */
  expiresAt: number;
  /** The key that signed it, where it is signed. */
  kid?: string | undefined;
}

/** Access tokens: JWTs signed with Ed25519, valid for 15 minutes. The `role` claim is a hint for others; no right hangs on it. */
export interface AccessTokens {
  issue(actor: Pick<Actor, 'userId' | 'sessionId' | 'role'>): Promise<string>;
  /**
   * Signature, algorithm, type, issuer, claims and expiry; not whether the session lives.
   * @throws ProtocolError unauthenticated, or token_expired for a token that was valid once
   */
  verify(token: string): Promise<VerifiedToken>;
  /** Whether what was verified once would be again, but for its expiry: keys are retired. */
  stillValid(verified: VerifiedToken): boolean;
}

export function createAccessTokens(keys: SigningKeys, clock: Clock): AccessTokens {
  // Only keys of this installation: nothing in the token can bring its own (`jwk`, `jku`, `x5c` are not looked at).
  async function keyOf(header: JWSHeaderParameters): Promise<CryptoKey> {
    const key = typeof header.kid === 'string' ? await keys.publicKey(header.kid) : undefined;
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  }

  return {
    issue({ userId, sessionId, role }) {
      const now = Math.floor(clock.now() / 1000);
      const { kid, privateKey } = keys.current;
      return new SignJWT({ sid: sessionId, role })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
        .setIssuer(ISSUER)
        .setSubject(userId)
        .setIssuedAt(now)
        .setExpirationTime(now + ACCESS_TOKEN_LIFETIME_S)
        .sign(privateKey);
    },

    async verify(token) {
      if (token.length > MAX_LENGTH || !COMPACT.test(token)) throw new ProtocolError('unauthenticated');
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keyOf, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: ISSUER,
          currentDate: new Date(clock.now()),
        });
        const { sub, sid, exp } = Claims.parse(payload);
        return { userId: sub, sessionId: sid, expiresAt: exp * 1000, kid: protectedHeader.kid };
      } catch (error) {
        // jose looks at the claims only once the signature is right, so this one was ours.
        if (error instanceof errors.JWTExpired) throw new ProtocolError('token_expired');
        if (error instanceof errors.JOSEError || error instanceof z.ZodError)
          throw new ProtocolError('unauthenticated');
        throw error;
      }
    },

    stillValid: ({ kid }) => kid === undefined || keys.accepts(kid),
  };
}
