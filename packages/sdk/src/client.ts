import type { Profile, PublicUser, RouteName } from '@confab/protocol';
import type { Clock } from './clock.ts';
import type { CallArgs, CallOutput } from './http.ts';
import type { LiveRoom } from './live-room.ts';
import type { LocalStore } from './store.ts';
import type { ClientEvents, RoomView, Status } from './types.ts';

export interface ClientOptions {
  /** Where the server is, such as `https://chat.example.org`. */
  url: string;
  /** Where the refresh token travels: an HttpOnly cookie (default in browsers) or the answer's body (default elsewhere). */
  transport?: 'cookie' | 'body';
  /** Default: `memoryStore()`, which forgets unsent messages with the process. */
  store?: LocalStore;
  /** Uniform in [0, 1): the jitter of retries. */
  random?: () => number;
  clock?: Clock;
}

const todo = (): never => {
  throw new Error('not implemented');
};

/** A person's connection to a Confab server. */
export class ConfabClient {
  constructor(_options: ClientOptions) {}

  /** Who is signed in. */
  get me(): Profile | null {
    return todo();
  }
  get status(): Status {
    return todo();
  }
  /** The chat list: the room with the newest message first. The same array until something in it changes. */
  get rooms(): readonly RoomView[] {
    return todo();
  }
  /** Grows with every change: a snapshot for `useSyncExternalStore`. */
  get version(): number {
    return todo();
  }

  /** @throws ConfabError bad_input, email_taken, username_taken */
  signUp(_input: { email: string; password: string; username: string; name?: string }): Promise<Profile> {
    return todo();
  }
  /** @throws ConfabError invalid_credentials */
  signIn(_input: { email: string; password: string }): Promise<Profile> {
    return todo();
  }
  /** Takes up the session of the refresh cookie or of the stored refresh token; null when there is none any more. */
  restore(): Promise<Profile | null> {
    return todo();
  }
  /** Ends the session here and, as far as it can be reached, on the server; forgets this person's unsent messages. */
  signOut(): Promise<void> {
    return todo();
  }

  /**
   * Resolves when online with everything missed applied; keeps itself connected from then on, until `disconnect`.
   * @throws ConfabError unauthenticated when nobody is signed in, session_ended when the session is over
   */
  connect(): Promise<void> {
    return todo();
  }
  disconnect(): void {
    todo();
  }

  /** The live room with this id: the same object each time. */
  room(_roomId: string): LiveRoom {
    return todo();
  }
  createRoom(_input: { name: string; topic?: string; memberIds?: string[] }): Promise<LiveRoom> {
    return todo();
  }
  /** The direct room with a person: made at the first call, the same one ever after. */
  directRoom(_userId: string): Promise<LiveRoom> {
    return todo();
  }
  /** People whose username, or a word of whose name, begins with `q`. */
  findUsers(_q: string): Promise<PublicUser[]> {
    return todo();
  }
  /** A person's profile from the cache; when missing it is fetched, and `subscribe` tells when it is there. */
  userById(_userId: string): PublicUser | undefined {
    return todo();
  }

  /** Any REST call by its name in the protocol table: `client.call('updateRoom', {params, body})`. @throws ConfabError */
  call<N extends RouteName>(_name: N, ..._args: CallArgs<N>): Promise<CallOutput<N>> {
    return todo();
  }

  /** Calls `fn` after any change of anything shown here. Answers the way to stop. */
  subscribe(_fn: () => void): () => void {
    return todo();
  }
  /** Listens. Answers the way to stop. */
  on<E extends keyof ClientEvents>(_event: E, _fn: ClientEvents[E]): () => void {
    return todo();
  }
}
