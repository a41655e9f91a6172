/** People who send without a pause, through whatever happens to the server, and keep what they were told. */
import { type ErrorCode, errors, type Message, type SignedIn } from '@confab/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { call, connect, type Connected, Refusal } from '../../packages/server/test/person.ts';
import type { Random } from './random.ts';

export interface Wanted {
  roomId: string;
  senderId: string;
  clientId: string;
  body: string;
}

type Send = (url: string, wanted: Wanted) => Promise<Message>;

/** Messages each sender waits for at the same time. */
const AT_ONCE = 3;
/** How often a message is not tried again after a failure, and how often one is repeated after its acknowledgement. */
const GIVEN_UP = 0.1;
const REPEATED = 0.1;
/** What a client waits before it tries again at a server that refused. */
const PAUSE_MS = 20;

export class Senders {
  /** By client id. */
  readonly wanted = new Map<string, Wanted>();
  readonly acked = new Map<string, Message>();
  readonly givenUp = new Set<string>();
  /** Acknowledgements of a repetition that differ from the first. */
  readonly contradictions: { first: Message; again: Message }[] = [];
  /** What was heard live, as often as it was heard. */
  readonly heard: Message[] = [];
  /** Codes of refusals, and `lost` for answers that never came. */
  readonly failures = new Map<ErrorCode | 'lost', number>();

  readonly #random: Random;
  readonly #rooms: readonly [string, ...string[]];
  readonly #connections = new Set<Connected>();
  #url = Promise.withResolvers<string>();
  #stopping = false;
  #loops: Promise<void>[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(random: Random, rooms: readonly [string, ...string[]]) {
    this.#random = random;
    this.#rooms = rooms;
  }

  /** Begins to send for each of `people`, by socket and over REST in turn. */
  start(people: readonly SignedIn[]): void {
    this.#loops = people.flatMap((person, i) => {
      const send = i % 2 === 0 ? this.#overSocket(person) : overRest(person);
      return Array.from({ length: AT_ONCE }, () => this.#loop(person, send));
    });
  }

  /** There is no server from here on: failed sends wait for one. */
  serverGone(): void {
    this.#url = Promise.withResolvers();
  }

  serverAt(url: string): void {
    this.#url.resolve(url);
  }

  /** Resolves when that many more messages are acknowledged. */
  acks(count: number): Promise<void> {
    const goal = this.acked.size + count;
    return new Promise((resolve) => {
      const look = () => {
        if (this.acked.size < goal) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Begins no more messages and resolves when every one that was not given up is acknowledged. */
  async finish(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#loops);
    for (const { socket } of this.#connections) socket.disconnect();
  }

  async #loop(person: SignedIn, send: Send): Promise<void> {
    const random = this.#random;
    while (!this.#stopping) {
      const number = this.wanted.size + 1;
      const wanted: Wanted = {
        roomId: random.pick(this.#rooms),
        senderId: person.user.id,
        clientId: `message-${number}`,
        body: `${number}${'.'.repeat(random.int(0, 500))}`,
      };
      this.wanted.set(wanted.clientId, wanted);
      const first = await this.#try(send, wanted, random.chance(GIVEN_UP));
      if (first === undefined) {
        this.givenUp.add(wanted.clientId);
        continue;
      }
      this.acked.set(wanted.clientId, first);
      for (const look of this.#waiting) look();
      if (!random.chance(REPEATED)) continue;
      const again = await this.#try(send, wanted, false);
      if (JSON.stringify(again) !== JSON.stringify(first) && again !== undefined) {
        this.contradictions.push({ first, again });
      }
    }
  }

  /** Sends until it is acknowledged or, when `once`, has failed. */
  async #try(send: Send, wanted: Wanted, once: boolean): Promise<Message | undefined> {
    for (;;) {
      const url = await this.#url.promise;
      try {
        return await send(url, wanted);
      } catch (error) {
        const code = error instanceof Refusal ? error.body.code : 'lost';
        this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
        if (code !== 'lost' && !errors[code].retryable) throw error;
        if (once) return undefined;
        await delay(PAUSE_MS);
      }
    }
  }

  /** One connection at a time; a new one when the server is another or the connection broke. */
  #overSocket(person: SignedIn): Send {
    let current: { url: string; connected: Promise<Connected> } | undefined;
    return async (url, { roomId, clientId, body }) => {
      if (current?.url !== url) current = { url, connected: this.#connect(url, person) };
      const mine = current;
      try {
        const connected = await mine.connected;
        if (!connected.socket.connected) throw new Error('the connection broke');
        return await connected.ask('message:send', { roomId, clientId, body });
      } catch (error) {
        if (!(error instanceof Refusal) && current === mine) current = undefined;
        throw error;
      }
    };
  }

  async #connect(url: string, person: SignedIn): Promise<Connected> {
    const socket = io(url, {
      auth: { token: person.accessToken },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    const connected = connect(socket);
    socket.on('message', ({ message }: { message: Message }) => this.heard.push(message));
    this.#connections.add(connected);
    socket.on('disconnect', () => this.#connections.delete(connected));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
      // A server killed during the handshake.
      socket.once('disconnect', (reason) => reject(new Error(reason)));
    });
    return connected;
  }
}

function overRest(person: SignedIn): Send {
  return (url, { roomId, clientId, body }) =>
    call(url, person.accessToken, 'sendMessage', { params: { roomId }, body: { clientId, body } });
}
