/** Someone who uses the server as an outsider would: REST by `fetch`, and a plain socket.io-client. */
import { randomUUID } from 'node:crypto';
import {
  type Ack,
  type ClientEventInput,
  type ClientEventName,
  type ClientEventOutput,
  clientEvents,
  type ClientToServerEvents,
  type ErrorCode,
  type Message,
  rest,
  type RouteName,
  type RouteOutput,
  type ServerToClientEvents,
  type SignedIn,
} from '@confab/protocol';
import { io, type Socket } from 'socket.io-client';
import { call, type Input, Refusal, signIn } from '../src/cli/demo/api.ts';
import { errorsOf, errorsOfEvent } from '../src/platform/http/reference.ts';

export { call, Refusal, signIn };

export type ClientSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

export interface Connected {
  socket: ClientSocket;
  /** The acknowledged answer. @throws Refusal */
  ask<N extends ClientEventName>(event: N, input: ClientEventInput<N>): Promise<ClientEventOutput<N>>;
  /** Events received, in order. */
  events: { event: string; payload: unknown }[];
  /** Resolves once an event satisfies `test`, also one that is there already. */
  until(test: (event: { event: string; payload: never }) => boolean): Promise<void>;
}

/** Of everyone who signed up. */
const PASSWORD = 'a good password';

export class Person {
  readonly signedIn: SignedIn;
  readonly #urls: readonly string[];
  readonly #sockets: ClientSocket[] = [];
  #turn = 0;

  private constructor(urls: readonly string[], signedIn: SignedIn) {
    this.#urls = urls;
    this.signedIn = signedIn;
  }

  /** Someone who has an account. */
  static async signIn(url: string, email: string, password: string): Promise<Person> {
    return new Person([url], await signIn(url, { email, password }));
  }

  /** @param urls nodes of one deployment: calls and connections go to each in turn */
  static async signUp(urls: readonly [string, ...string[]], username: string): Promise<Person> {
    const body = {
      email: `${username}@example.com`,
      password: PASSWORD,
      username,
      transport: 'body' as const,
    };
    return new Person(urls, await call(urls[0], undefined, 'signUp', { body }));
  }

  static async guest(urls: readonly [string, ...string[]]): Promise<Person> {
    return new Person(urls, await call(urls[0], undefined, 'guest', { body: { transport: 'body' } }));
  }

  /** Whoever holds an API token of `owner`'s. */
  static withToken(owner: Person, token: string): Person {
    return new Person(owner.#urls, { ...owner.signedIn, accessToken: token });
  }

  /** The same person, by another node. */
  at(url: string): Person {
    return new Person([url], this.signedIn);
  }

  /** Another one each time, where there are several nodes. */
  get url(): string {
    this.#turn += 1;
    return this.#urls[this.#turn % this.#urls.length] ?? '';
  }

  get id(): string {
    return this.signedIn.user.id;
  }

  get username(): string {
    return this.signedIn.user.username;
  }

  /** @throws Refusal; Error for what the row of the route does not name */
  async call<N extends RouteName>(name: N, input: Input<N>): Promise<RouteOutput<N>> {
    try {
      return await call(this.url, this.signedIn.accessToken, name, input);
    } catch (error) {
      throw named(error, name, errorsOf(name, rest[name]));
    }
  }

  /** Signs in once more: the session is another one. @throws Refusal */
  signInAgain(password: string = PASSWORD): Promise<SignedIn> {
    return signIn(this.url, { username: this.username, password, transport: 'body' });
  }

  /** A text message over REST. */
  say(roomId: string, body: string, clientId: string = randomUUID()): Promise<Message> {
    return this.call('sendMessage', { params: { roomId }, body: { clientId, body } });
  }

  /** A connection of its own; each call makes another one, as a second device would. */
  async connect(url = this.url): Promise<Connected> {
    const socket: ClientSocket = io(url, {
      auth: { token: this.signedIn.accessToken },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    this.#sockets.push(socket);
    const connected = connect(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return connected;
  }

  close(): void {
    for (const socket of this.#sockets) socket.disconnect();
  }
}

/** What the call was refused with. @throws Error when it was not */
export async function refusal(call: Promise<unknown>): Promise<Refusal['body']> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Refusal) return error.body;
    throw error;
  }
  throw new Error('it was not refused');
}

/** `ok`, or the code that the call was refused with. @throws what else it fails with */
export async function outcome(call: Promise<unknown>): Promise<'ok' | ErrorCode> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof Refusal) return error.body.code;
    throw error;
  }
}

/** The refusal, if it is one of those that the table names there. */
function named(error: unknown, name: string, codes: readonly ErrorCode[]): unknown {
  if (!(error instanceof Refusal) || codes.includes(error.body.code)) return error;
  return new Error(`the row of ${name} does not name ${error.body.code}`, { cause: error });
}

/** Wraps a socket of any origin. */
export function connect(socket: ClientSocket): Connected {
  const events: Connected['events'] = [];
  const waiting = new Set<() => void>();
  socket.onAny((event: string, payload: unknown) => {
    events.push({ event, payload });
    for (const look of waiting) look();
  });
  return {
    socket,
    events,
    async ask(event, input) {
      const answer = (await socket.timeout(20_000).emitWithAck(event, ...([input] as never))) as Ack<never>;
      if (answer.ok) return answer.data;
      const error = new Refusal(0, answer.error);
      throw Object.hasOwn(clientEvents, event) ? named(error, event, errorsOfEvent(event)) : error;
    },
    until(test) {
      return new Promise((resolve) => {
        const look = () => {
          if (!events.some((e) => test(e as never))) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
  };
}
