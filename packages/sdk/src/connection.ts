/** One socket at a time, replaced by the next as long as there is a session. */
import {
  clientEvents,
  type ClientEventInput,
  type ClientEventName,
  type ClientEventOutput,
  ErrorBody,
  serverEvents,
  type ServerEventName,
  type ServerEventPayload,
} from '@confab/protocol';
import { io, type Socket } from 'socket.io-client';
import { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import { ConfabError, toConfabError } from './error.ts';
import { isTokenRefused, type Session } from './session.ts';

export type ServerFrame = { [N in ServerEventName]: { event: N; payload: ServerEventPayload<N> } }[ServerEventName];

interface ConnectionOptions {
  url: string;
  session: Session;
  clock: Clock;
  random: () => number;
  onFrame: (frame: Exclude<ServerFrame, { event: 'session:ended' }>) => void;
  /** A socket is up. Rejects when it is of no use; it is then closed and tried anew. */
  onUp: () => Promise<void>;
  onChange: () => void;
  onError: (error: ConfabError) => void;
}

/** ms until a connection attempt, or an event without acknowledgement, is given up. */
const TIMEOUT = 10_000;
/** ms before its token expires that a connection is given a new one, at most. */
const LEAD = 120_000;

/** Browsers tell when the network is back; elsewhere there is nobody to ask. */
const page: Partial<Record<'addEventListener' | 'removeEventListener', (event: 'online', fn: () => void) => void>> =
  globalThis as object;

type Untyped = Socket<Record<string, (payload: unknown) => void>, Record<string, (...args: unknown[]) => void>>;
type EndReason = ServerEventPayload<'session:ended'>['reason'];

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backoff: Backoff;
  readonly #unanswered = new Set<(error: ConfabError) => void>();
  /** The run under way: `start` after `stop` begins another, whatever the old one still waits for. */
  #run: object | undefined;
  #cut: (() => void) | undefined;
  #socket: Untyped | undefined;
  #state: 'down' | 'connecting' | 'up' = 'down';
  #freshen: { cancel(): void } | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options);
  }

  /** 'up' from the server's welcome on, while `onUp` still works. */
  get state(): 'down' | 'connecting' | 'up' {
    return this.#state;
  }

  start(): void {
    if (this.#run) return;
    page.addEventListener?.('online', this.#onNetwork);
    void this.#keepAlive((this.#run = {}));
  }

  stop(): void {
    this.#run = undefined;
    page.removeEventListener?.('online', this.#onNetwork);
    this.#backoff.wake();
    this.#cut?.();
    this.#set('down');
  }

  /**
   * Sends an event and waits for its acknowledgement, which is checked against the table.
   * @throws ConfabError network: not connected, cut, or no answer in time; it may or may not have been carried out
   */
  request<N extends ClientEventName>(event: N, input: ClientEventInput<N>): Promise<ClientEventOutput<N>> {
    const socket = this.#socket;
    if (this.#state !== 'up' || !socket?.connected)
      return Promise.reject(ConfabError.network('There is no connection.'));
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        timer.cancel();
        this.#unanswered.delete(fail);
        settle();
      };
      const fail = (error: ConfabError) => done(() => reject(error));
      const timer = this.#options.clock.setTimeout(() => fail(ConfabError.network('No answer in time.')), TIMEOUT);
      this.#unanswered.add(fail);
      socket.emit(event, input, (answer: unknown) =>
        done(() => {
          try {
            resolve(readAck(event, answer));
          } catch (error) {
            reject(toConfabError(error));
          }
        }),
      );
    });
  }

  readonly #onNetwork = (): void => this.#backoff.wake();

  async #keepAlive(run: object): Promise<void> {
    while (this.#run === run) {
      const waitFor = await this.#live(run);
      if (this.#run !== run) return;
      this.#set('down');
      await this.#backoff.wait(waitFor);
    }
  }

  /** One connection from beginning to end. Answers how many ms to wait at least before the next. */
  async #live(run: object): Promise<number> {
    this.#set('connecting');
    let token: string;
    try {
      token = await this.#options.session.token();
    } catch (thrown) {
      return (toConfabError(thrown).retryAfter ?? 0) * 1000;
    }
    if (this.#run !== run) return 0;
    // Reconnecting is done here, and a socket that failed is never used again.
    const socket: Untyped = io(this.#options.url, {
      auth: { token },
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      timeout: TIMEOUT,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
    });
    this.#socket = socket;
    const ended = new Promise<EndReason | ConfabError | undefined>((resolve) => {
      let reason: EndReason | undefined;
      this.#cut = () => resolve(undefined);
      socket.on('connect_error', (error: Error & { data?: unknown }) => resolve(readRefusal(error)));
      socket.on('disconnect', () => resolve(reason));
      socket.on('session:ended', (payload) => {
        reason = serverEvents['session:ended'].payload.safeParse(payload).data?.reason;
      });
    });
    for (const event of frameNames) socket.on(event, (payload) => this.#receive(event, payload));
    socket.on('connect', () => void this.#welcome(socket));
    socket.connect();
    const end = await ended;
    this.#close(socket);
    return this.#run === run ? this.#afterwards(end, token) : 0;
  }

  async #welcome(socket: Untyped): Promise<void> {
    this.#set('up');
    this.#keepFresh();
    try {
      await this.#options.onUp();
      this.#backoff.reset();
    } catch (thrown) {
      const error = toConfabError(thrown);
      if (!error.retryable) this.#options.onError(error);
      socket.disconnect();
    }
  }

  #close(socket: Untyped): void {
    socket.off();
    socket.disconnect();
    // After a `stop` and `start` there may be the next one already.
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#freshen?.cancel();
    for (const fail of this.#unanswered) fail(ConfabError.network('The connection was cut.'));
  }

  async #afterwards(end: EndReason | ConfabError | undefined, token: string): Promise<number> {
    const { session, onError } = this.#options;
    if (end === 'token_expired') await session.refused(token);
    else if (typeof end === 'string' && end !== 'shutdown') await session.end(end);
    if (!(end instanceof ConfabError)) return 0;
    if (isTokenRefused(end)) await session.refused(token);
    else if (!end.retryable) onError(end);
    return (end.retryAfter ?? 0) * 1000;
  }

  // Ahead of its expiry the connection is given a new token, so that it is never cut for it.
  #keepFresh(): void {
    const { session, clock, random } = this.#options;
    const left = session.expiresAt - clock.now();
    if (left === Infinity) return;
    const lead = Math.min(LEAD, left / 2) * (0.5 + random() / 2);
    this.#freshen?.cancel();
    this.#freshen = clock.setTimeout(() => void this.#sendToken(lead), left - lead);
  }

  async #sendToken(lead: number): Promise<void> {
    try {
      const token = await this.#options.session.token(lead + 1000);
      await this.request('heartbeat', { token });
    } catch (thrown) {
      const error = toConfabError(thrown);
      if (!error.retryable) this.#options.onError(error);
      if (this.#state !== 'up') return;
      // Tried again while the old one still lives; after that the server cuts, and a new connection is made.
      this.#freshen?.cancel();
      this.#freshen = this.#options.clock.setTimeout(() => void this.#sendToken(lead), 5000);
      return;
    }
    this.#keepFresh();
  }

  #receive(event: (typeof frameNames)[number], payload: unknown): void {
    const parsed = serverEvents[event].payload.safeParse(payload);
    // A frame that cannot be read is missing afterwards, and repaired like any other.
    if (parsed.success)
      this.#options.onFrame({ event, payload: parsed.data } as Exclude<ServerFrame, { event: 'session:ended' }>);
    else this.#options.onError(new ConfabError('bad_answer', `A ${event} event is not as the protocol says.`));
  }

  #set(state: 'down' | 'connecting' | 'up'): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onChange();
  }
}

const frameNames = (Object.keys(serverEvents) as ServerEventName[]).filter((name) => name !== 'session:ended');

function readAck<N extends ClientEventName>(event: N, answer: unknown): ClientEventOutput<N> {
  const ack = answer as { ok?: unknown; data?: unknown; error?: unknown } | undefined;
  if (ack?.ok === true) {
    const data = clientEvents[event].output.safeParse(ack.data);
    if (data.success) return data.data as ClientEventOutput<N>;
  } else {
    const error = ErrorBody.safeParse(ack?.error);
    if (error.success) throw ConfabError.fromBody(error.data);
  }
  throw new ConfabError('bad_answer', `The answer to ${event} is not as the protocol says.`);
}

function readRefusal(error: Error & { data?: unknown }): ConfabError {
  const body = ErrorBody.safeParse(error.data);
  return body.success
    ? ConfabError.fromBody(body.data)
    : ConfabError.network('The server could not be reached.', error);
}
