/** Signing in with an account elsewhere: the browser is led there and comes back with a code (RFC 6749 §4.1, RFC 9700). */
import { ProtocolError } from '@confab/protocol';
import { AuthorizationResponseError, customFetch } from 'openid-client';
import type { Actor } from '../../platform/actor.ts';
import type { Core } from './core.ts';
import { createIdentities, type Vouched } from './identities.ts';
import { githubPeer } from './oauth-github.ts';
import { oidcPeer } from './oauth-oidc.ts';
import { type Attempt, type Peer, peerFetch, unwrapped } from './oauth-peer.ts';
import type { Client, StartedSession } from './sessions.ts';

/** Seconds an attempt may take. */
export const ATTEMPT_S = 10 * 60;

/** Where to lead the browser, and the state it is to remember until it is back. */
interface Begun {
  location: string;
  state: string;
}

/** Where the browser ends; with a session, or with a ticket it is to remember. */
export interface Landing {
  location: string;
  session?: StartedSession;
  ticket?: string;
}

export interface OAuth {
  /**
   * @param returnTo a path of the web client to end at
   * @throws ProtocolError not_enabled, unavailable
   */
  start(provider: string, returnTo: string): Promise<Begun>;
  /** Begins to link an account to the caller's. @throws ProtocolError not_enabled, unavailable */
  startLink(actor: Actor, provider: string): Promise<Begun>;
  /**
   * Ends an attempt, once, whatever the outcome. Never throws what the browser would have to show: a refusal is a landing
   * with the error's code in the fragment, and for whoever is banned the token to appeal with.
   * @param query as the browser came with it
   * @param remembered the state the browser was told to remember: another one’s link is not followed (login CSRF)
   */
  finish(
    provider: string,
    query: Readonly<Record<string, unknown>>,
    remembered: string | undefined,
    client: Client,
  ): Promise<Landing>;
}

/** What is sealed under the state. */
interface Begin {
  provider: string;
  nonce: string;
  verifier: string;
  returnTo: string;
  /** Of whoever links an account. */
  sessionId: string | null;
}

export function createOAuth(core: Core): OAuth {
  const { db, ids, config, challenges, log } = core;
  const identities = createIdentities(core);
  const options = { [customFetch]: peerFetch(core.clock, log) };
  const peers = new Map<string, Peer>(
    config.providers.map((provider) => [
      provider.id,
      provider.kind === 'github' ? githubPeer(provider, options) : oidcPeer(provider, core.clock, options),
    ]),
  );

  function peerOf(provider: string): Peer {
    const peer = peers.get(provider);
    if (peer === undefined) throw new ProtocolError('not_enabled');
    return peer;
  }

  const redirectUri = (provider: string) => `${config.baseUrl()}/api/auth/oauth/${provider}/callback`;
  /** As a header may hold it, whatever characters the path has. */
  const at = (path: string) => new URL(config.baseUrl() + path).href;

  /** Ours as they are; anything else is the provider's failure, or an attack. */
  function refusal(error: unknown, provider: string): ProtocolError {
    const cause = unwrapped(error);
    if (cause instanceof ProtocolError) return cause;
    if (cause instanceof AuthorizationResponseError && cause.error === 'access_denied') {
      return new ProtocolError('access_denied');
    }
    log.warn({ err: cause, provider }, 'a sign-in with an account elsewhere was refused');
    return new ProtocolError('provider_refused');
  }

  async function begin(provider: string, userId: string | null, rest: Pick<Begin, 'returnTo' | 'sessionId'>) {
    const peer = peerOf(provider);
    const data: Begin = { provider, nonce: ids.token(), verifier: ids.token(), ...rest };
    const state = await challenges.issue(db, { purpose: 'oauth', userId, data: { ...data }, lifetime: ATTEMPT_S });
    try {
      const location = await peer.authorization({ ...data, state }, redirectUri(provider));
      return { location: location.href, state };
    } catch (error) {
      throw refusal(error, provider);
    }
  }

  async function vouchedBy(provider: string, attempt: Attempt, query: Readonly<Record<string, unknown>>) {
    const returned = new URL(redirectUri(provider));
    for (const [name, value] of Object.entries(query)) {
      // One that comes twice is refused further on.
      for (const each of [value].flat()) returned.searchParams.append(name, String(each));
    }
    try {
      return { provider, ...(await peerOf(provider).stranger(returned, attempt)) } satisfies Vouched;
    } catch (error) {
      throw refusal(error, provider);
    }
  }

  async function enter(vouched: Vouched, returnTo: string, client: Client): Promise<Landing> {
    const entered = await identities.enter(vouched, client);
    if ('ticket' in entered) return { location: at(`/welcome#ticket=${entered.ticket}`), ticket: entered.ticket };
    if ('secondFactor' in entered) return { location: at(`/second-factor#challenge=${entered.secondFactor}`) };
    return { location: at(returnTo), session: entered };
  }

  return {
    start: (provider, returnTo) => begin(provider, null, { returnTo, sessionId: null }),
    startLink: (actor, provider) =>
      begin(provider, actor.userId, { returnTo: '/settings/security', sessionId: actor.sessionId }),

    async finish(provider, query, remembered, client) {
      let failing = '/signin';
      try {
        const { state } = query;
        if (typeof state !== 'string' || state !== remembered) throw new ProtocolError('invalid_link');
        // Used up before anything else is done with it, and committed by itself.
        const redeemed = await challenges.redeem(db, 'oauth', state);
        if (redeemed === undefined) throw new ProtocolError('invalid_link');
        const { userId } = redeemed;
        const begun = redeemed.data as unknown as Begin;
        if (userId !== null) failing = begun.returnTo;
        // An answer to one provider's question is no answer to another's (mix-up, RFC 9700 §4.4).
        if (begun.provider !== provider) throw new ProtocolError('invalid_link');
        const vouched = await vouchedBy(provider, { ...begun, state }, query);
        if (userId === null || begun.sessionId === null) return await enter(vouched, begun.returnTo, client);
        await identities.link(userId, begun.sessionId, vouched, client);
        return { location: at(`${begun.returnTo}#linked=${provider}`) };
      } catch (error) {
        if (!(error instanceof ProtocolError)) log.error({ err: error, provider }, 'a sign-in failed');
        const { code, details } = error instanceof ProtocolError ? error : { code: 'internal', details: undefined };
        // Who they are has just been proven: what lets them appeal is for this browser alone, as tickets are.
        const appeal = details?.ban?.appeal;
        return { location: at(`${failing}#error=${code}${appeal === undefined ? '' : `&appeal=${appeal}`}`) };
      }
    },
  };
}
