import { timingSafeEqual } from 'node:crypto';
import { ProtocolError } from '@confab/protocol';
import type { Ids } from '../../platform/ids.ts';
import type { Call } from '../../platform/http/index.ts';
import { deriveKey, mac } from './secrets.ts';

const COOKIE = 'confab_csrf';
/** A cookie as this server makes them: 32 bytes in base64url. */
const COOKIE_FORMAT = /^[A-Za-z0-9_-]{43}$/;
const LIFETIME_S = 30 * 24 * 3600;

/**
 * Signed double submit: the token is a MAC of a random HttpOnly cookie, so another site can neither read it, nor make
 * one, nor use one of its own.
 */
export interface Csrf {
  /** The token of this browser. The same for as long as its cookie lives, so that tabs do not spoil each other's. */
  issue(call: Call): string;
  /** @throws ProtocolError csrf, unless the call carries the token of its own cookie */
  check(call: Call): void;
}

export function createCsrf(master: Buffer, ids: Ids): Csrf {
  const key = deriveKey(master, 'csrf');
  return {
    issue(call) {
      const present = call.cookies[COOKIE];
      const cookie = present !== undefined && COOKIE_FORMAT.test(present) ? present : ids.token(32);
      call.setCookie(COOKIE, cookie, { path: '/api/auth', maxAge: LIFETIME_S });
      return mac(key, 'csrf', cookie);
    },
    check(call) {
      const cookie = call.cookies[COOKIE];
      if (cookie === undefined || call.csrfToken === undefined) throw new ProtocolError('csrf');
      const expected = Buffer.from(mac(key, 'csrf', cookie));
      const given = Buffer.from(call.csrfToken);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new ProtocolError('csrf');
    },
  };
}
