/** Who is signed in: tokens, and keeping them fresh. */
import {
  errors,
  Profile,
  rest,
  type RouteInput,
  type RouteName,
  type RouteSpec,
  type SecondFactorNeeded,
  type ServerEventPayload,
  type SignedIn,
  type SignInAnswer,
} from '@confab/protocol';
import type { Clock } from './clock.ts';
import { ConfabError, toConfabError } from './error.ts';
import type { CallInput, CallOutput, Http } from './http.ts';
import type { LocalStore } from './store.ts';

export type Transport = 'cookie' | 'body';

/** Routes that answer a session. */
export type WayIn = 'signUp' | 'signIn' | 'guest' | 'verifyCode' | 'secondFactor' | 'passkeySignIn' | 'oauthComplete';
export type WayInBody<N extends WayIn> = Omit<RouteInput<N>['body'], 'transport'>;

/**
 * Why a session is over. `replaced`: another person signed in in this browser, and `restore` takes up their session.
 * `expired`: it can no longer be continued, for whatever reason.
 */
export type SessionEnd =
  | Exclude<ServerEventPayload<'session:ended'>['reason'], 'token_expired' | 'shutdown'>
  | 'replaced'
  | 'expired';

interface SessionOptions {
  http: Http;
  store: LocalStore;
  transport: Transport;
  clock: Clock;
  /** Speaks for its owner in place of a session of this client; there is nothing to renew it with. */
  apiToken: string | undefined;
  /** The session has ended by itself, not by `signOut`. */
  onEnded: (reason: SessionEnd) => void;
}

type SessionInput = CallInput<'refresh'> & CallInput<'signOut'>;

const STORE_KEY = 'session/refresh-token';
/** ms an access token must still live to be worth sending. */
const MARGIN = 20_000;

/** Errors that say the session cannot be continued. */
const OVER = new Set<string>(['unauthenticated', 'session_ended', 'account_banned']);
/** Errors that say the access token is not taken: a new one may be. */
const REFUSED = new Set<string>(['unauthenticated', 'token_expired', 'session_ended']);

export function isTokenRefused(error: ConfabError): boolean {
  return REFUSED.has(error.code);
}

/** Seconds someone may be kept waiting without a word. */
const PATIENCE_S = 10;

/** The part of the browser's LockManager that is used here. */
interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** At most one refresh is under way at any time; all who need a token share it. */
export class Session {
  readonly #options: SessionOptions;
  #me: Profile | null = null;
  #access: { token: string; expiresAt: number } | undefined;
  #refreshToken: string | undefined;
  #refreshing: Promise<SignedIn> | undefined;
  /** The latest one, whatever became of it. */
  #signingOut: Promise<void> | undefined;
  #csrf: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get me(): Profile | null {
    return this.#me;
  }

  /** Epoch ms at which the access token held now expires; Infinity where no other will follow it. */
  get expiresAt(): number {
    return this.#options.apiToken === undefined ? (this.#access?.expiresAt ?? 0) : Infinity;
  }

  /** Who the API token speaks for. @throws ConfabError unauthenticated, session_ended, scope_missing */
  async identify(): Promise<Profile> {
    return (this.#me = await this.call('profile', {}));
  }

  /** By any way in. There is no session yet where a second factor is asked for. */
  async enter<N extends WayIn>(name: N, body: WayInBody<N>): Promise<Profile | SecondFactorNeeded> {
    this.#demandOwn();
    const { http, transport } = this.#options;
    // Every way in takes `transport` beside what is its own.
    const input = { body: { ...body, transport } } as unknown as CallInput<N>;
    const answer = (await http.call(name, input, {})) as SignInAnswer;
    return 'secondFactor' in answer ? answer : this.#begin(answer);
  }

  /**
   * Takes up an earlier session; null when there is none.
   * @throws ConfabError account_banned, when a ban has ended it; network and other retryable ones
   */
  async restore(): Promise<Profile | null> {
    this.#demandOwn();
    const { store, transport } = this.#options;
    this.#refreshToken ??= (await store.get(STORE_KEY)) ?? undefined;
    if (transport === 'body' && !this.#refreshToken) return null;
    try {
      return (await this.#refresh()).user;
    } catch (thrown) {
      const error = toConfabError(thrown);
      if (error.code === 'account_banned' || !OVER.has(error.code)) throw error;
      return null;
    }
  }

  /** @throws ConfabError network: then the session goes on */
  async signOut(): Promise<void> {
    this.#demandOwn();
    // A refresh that ends later would sign in again.
    await this.#refreshing?.catch(() => undefined);
    this.#signingOut = (async () => {
      await this.#asSession((input, headers) => this.#options.http.call('signOut', input, headers));
      await this.#forget();
    })();
    await this.#signingOut;
  }

  /** The session is known to be over. */
  async end(reason: SessionEnd): Promise<void> {
    // The connection may be told of my signing out before its answer is here: then it has not ended by itself.
    await this.#signingOut?.catch(() => undefined);
    if (!this.#me) return;
    // By its refresh token, as by a cookie, `restore` is told why somebody is banned.
    await this.#forget(reason === 'banned');
    this.#options.onEnded(reason);
  }

  /**
   * An access token that lives for another `margin` ms.
   * @throws ConfabError unauthenticated, session_ended, account_banned: the session is over
   */
  async token(margin = MARGIN): Promise<string> {
    if (this.#options.apiToken !== undefined) return this.#options.apiToken;
    if (!this.#me) throw new ConfabError('unauthenticated', 'Sign in first.');
    const access = this.#access;
    if (access && access.expiresAt - this.#options.clock.now() > margin) return access.token;
    try {
      return (await this.#refresh()).accessToken;
    } catch (thrown) {
      const error = toConfabError(thrown);
      if (OVER.has(error.code)) await this.end(error.code === 'account_banned' ? 'banned' : 'expired');
      throw error;
    }
  }

  /** The server refused this token: the next `token()` fetches another. Of an API token there is none, and it is over. */
  async refused(token: string): Promise<void> {
    if (this.#options.apiToken !== undefined) return this.end('expired');
    if (this.#access?.token === token) this.#access = undefined;
  }

  /**
   * A REST call with whatever its row of the table asks for. A refused access token is renewed once; what is only read and
   * was asked for too often is asked for once more, when it may be, if that is soon.
   */
  async call<N extends RouteName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    const me = this.#me?.id;
    try {
      return await this.#call(name, input);
    } catch (thrown) {
      const { code, retryAfter } = toConfabError(thrown);
      const soon = retryAfter !== undefined && retryAfter <= PATIENCE_S;
      if (rest[name].method !== 'GET' || code !== 'too_many_requests' || !soon) throw thrown;
      const { clock } = this.#options;
      await new Promise<void>((resolve) => clock.setTimeout(resolve, retryAfter * 1000));
      if (this.#me?.id !== me) throw thrown;
      return this.#call(name, input);
    }
  }

  async #call<N extends RouteName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    const { http } = this.#options;
    if (rest[name].auth !== 'user') return http.call(name, input, {});
    const answer = await this.#callWithToken(name, input);
    const { output }: RouteSpec = rest[name];
    if (output === Profile && this.#me) this.#me = answer as Profile;
    return answer;
  }

  async #callWithToken<N extends RouteName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    const { http } = this.#options;
    const token = await this.token();
    try {
      return await http.call(name, input, bearer(token));
    } catch (thrown) {
      if (!isTokenRefused(toConfabError(thrown))) throw thrown;
      await this.refused(token);
      if (this.#options.apiToken !== undefined) throw thrown;
      return http.call(name, input, bearer(await this.token()));
    }
  }

  #refresh(): Promise<SignedIn> {
    this.#refreshing ??= (async () => {
      try {
        const { http } = this.#options;
        const answer = await this.#alone(() =>
          this.#asSession((input, headers) => http.call('refresh', input, headers)),
        );
        if (this.#me && this.#me.id !== answer.user.id) {
          await this.end('replaced');
          throw new ConfabError('session_ended', 'Someone else has signed in in this browser.');
        }
        await this.#begin(answer);
        return answer;
      } finally {
        this.#refreshing = undefined;
      }
    })();
    return this.#refreshing;
  }

  // The tabs of a browser share the cookie. One after the other exchanges it, so that none brings one that is spent.
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const { navigator } = globalThis as { navigator?: { locks?: Locks } };
    if (this.#options.transport === 'body' || navigator?.locks === undefined) return work();
    return navigator.locks.request('confab:refresh', work);
  }

  async #begin(answer: SignedIn): Promise<Profile> {
    const { clock, store } = this.#options;
    this.#access = { token: answer.accessToken, expiresAt: clock.now() + answer.expiresIn * 1000 };
    this.#me = answer.user;
    if (answer.refreshToken) {
      this.#refreshToken = answer.refreshToken;
      await store.set(STORE_KEY, answer.refreshToken);
    }
    return answer.user;
  }

  // As the server would answer: no scope is for ways in and out.
  #demandOwn(): void {
    if (this.#options.apiToken !== undefined) throw new ConfabError('scope_missing', errors.scope_missing.message);
  }

  async #forget(keepsRefreshToken = false): Promise<void> {
    this.#me = null;
    this.#access = undefined;
    if (keepsRefreshToken || this.#options.apiToken !== undefined) return;
    this.#refreshToken = undefined;
    this.#csrf = undefined;
    await this.#options.store.delete(STORE_KEY);
  }

  // By cookie a CSRF token goes along; one that is no longer taken is replaced once.
  async #asSession<T>(call: (input: SessionInput, headers: Record<string, string>) => Promise<T>): Promise<T> {
    const { http, transport } = this.#options;
    if (transport === 'body') return call({ body: { refreshToken: this.#refreshToken } }, {});
    const attempt = async () => {
      this.#csrf ??= (await http.call('csrf', {}, {})).csrfToken;
      return call({}, { 'x-csrf-token': this.#csrf });
    };
    try {
      return await attempt();
    } catch (thrown) {
      if (toConfabError(thrown).code !== 'csrf') throw thrown;
      this.#csrf = undefined;
      return attempt();
    }
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
