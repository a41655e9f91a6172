/** What is asked of an account elsewhere. `oauth-oidc.ts` and `oauth-github.ts` implement it. */
import { ProtocolError } from '@confab/protocol';
import { allowInsecureRequests, type Configuration, type CustomFetch, customFetch } from 'openid-client';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';

/** Secrets of one attempt, kept here while the browser is away. */
export interface Attempt {
  /** Comes back with the browser (RFC 6749 §10.12). */
  state: string;
  /** Comes back inside the ID token. */
  nonce: string;
  /** Shown when the code is exchanged (RFC 7636). */
  verifier: string;
}

/** Who they are there. */
export interface Stranger {
  /** Theirs for good, and nobody else's at this provider. */
  subject: string;
  /** In lower case. */
  email: string | null;
  /** The provider says that the address is theirs. */
  emailVerified: boolean;
  name: string | null;
}

export interface Peer {
  /**
   * Where the browser is to be led.
   * @throws ProtocolError unavailable
   */
  authorization(attempt: Attempt, redirectUri: string): Promise<URL>;
  /**
   * Exchanges what the browser brought back. A code works once, there.
   * @param returned the redirect URI with the query the browser came with
   * @throws ProtocolError unavailable. Any other error: the provider refused, or what it answered is not to be trusted
   */
  stranger(returned: URL, attempt: Attempt): Promise<Stranger>;
}

/** To be passed to openid-client. */
export type PeerOptions = { [customFetch]: CustomFetch };

const TIMEOUT_MS = 10_000;

/** `fetch`, except that a provider that is away, fails or takes too long for its whole answer is `unavailable`. */
export function peerFetch(clock: Clock, log: Logger): CustomFetch {
  return async (url, options) => {
    const overdue = new AbortController();
    const timer = clock.setTimeout(() => overdue.abort(), TIMEOUT_MS);
    let response: Response;
    let body: ArrayBuffer;
    try {
      // Signals of openid-client's own keep another time.
      response = await fetch(url, { ...(options as RequestInit), signal: overdue.signal });
      body = await response.arrayBuffer();
    } catch (error) {
      log.warn({ err: error, host: new URL(url).host }, 'a provider of accounts elsewhere does not answer');
      throw new ProtocolError('unavailable');
    } finally {
      timer.cancel();
    }
    if (response.status >= 500) throw new ProtocolError('unavailable');
    const { status, headers } = response;
    return new Response(body.byteLength === 0 ? null : body, { status, headers });
  };
}

/** openid-client wraps what its `fetch` threw. */
export function unwrapped(error: unknown): unknown {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof ProtocolError) return at;
  return error;
}

/** Plain http will do on this machine, and nowhere else. */
export function plainHttp(url: string): ((configuration: Configuration) => void)[] {
  // oxlint-disable-next-line typescript/no-deprecated -- marked so by openid-client only to make it stand out
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname) ? [allowInsecureRequests] : [];
}
