/** Who is let in: pages of whose site, how many, from where, and by which token. */
import type { IncomingMessage } from 'node:http';
import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../actor.ts';
import { addressKey } from '../addresses.ts';
import type { Limiter } from '../limiter/index.ts';
import { Places } from './places.ts';
import { Slices } from './slices.ts';
import type { ConfabSocket } from './sockets.ts';

export interface AdmissionOptions {
  /** On this node: of everybody together, those that are not let in yet among them; and of one person. */
  maxConnections: { all: number; perUser: number };
  limiter: Limiter;
  isAllowedOrigin(request: IncomingMessage): boolean;
  /** Where it comes from, as REST calls do: by a proxy's header only where that is trusted. */
  clientAddress(request: IncomingMessage): string;
  authenticate(token: string): Promise<{ actor: Actor; expiresAt: number }>;
}

type Transport = ConfabSocket['conn'];

/** Connections that are opened during one turn of the event loop: each asks for some ten times the work that this takes. */
const OPENED_PER_TURN = 32;
/** Those that are let in: more, so that they need not wait until the time for their handshake is over. */
const LET_IN_PER_TURN = 64;
/** Seconds after which a person who has too many connections may try another. */
const RETRY_AFTER = 10;
/** One in so many of all connections, at most, may be of one address and not let in yet. */
const ADDRESS_SHARE = 10;

export class Admission {
  readonly #options: AdmissionOptions;
  /** Transports whose one socket is let in, or about to be. */
  readonly #taken = new WeakSet<Transport>();
  readonly #perUser: Places<Transport>;
  /** Of those that are not let in yet, by address. */
  readonly #handshakes: Places<Transport>;
  readonly #openings = new Slices(OPENED_PER_TURN);
  readonly #admissions = new Slices(LET_IN_PER_TURN);
  #closed = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#perUser = new Places(options.maxConnections.perUser);
    this.#handshakes = new Places(Math.ceil(options.maxConnections.all / ADDRESS_SHARE));
  }

  /** From now on none is opened. */
  close(): void {
    this.#closed = true;
  }

  /** Whether a transport may be opened, as Engine.IO asks it; `count` tells how many there are. */
  ask(request: IncomingMessage, count: () => number, callback: (refused: string | null, may: boolean) => void): void {
    this.#openings.add(() => {
      if (this.#closed || request.socket.destroyed) callback('unavailable', false);
      else if (!this.#options.isAllowedOrigin(request)) callback('origin_refused', false);
      else if (count() >= this.#options.maxConnections.all) callback('overloaded', false);
      else if (this.#handshakes.isFull(this.#addressOf(request))) callback('too_many_requests', false);
      else callback(null, true);
    });
  }

  /** A transport was opened. */
  opened(transport: Transport): void {
    // Others came in the same turn, before it was counted.
    if (!this.#handshakes.take(this.#addressOf(transport.request), transport)) transport.close(true);
  }

  /**
   * Lets a socket in, the only one of its transport.
   * @throws ProtocolError unauthenticated, token_expired, session_ended; too_many_requests; limit_reached for a person who has
   * too many connections
   */
  async admit(socket: ConfabSocket): Promise<{ actor: Actor; expiresAt: number }> {
    const token: unknown = socket.handshake.auth['token'];
    if (typeof token !== 'string' || token === '') throw new ProtocolError('unauthenticated');
    // Socket.IO takes every further one that comes before the first is let in, and each would be told everything.
    if (this.#taken.has(socket.conn)) throw new ProtocolError('too_many_requests');
    this.#taken.add(socket.conn);
    await new Promise<void>((resolve) => this.#admissions.add(resolve));
    try {
      const known = await this.#options.authenticate(token);
      if (!this.#perUser.take(known.actor.userId, socket.conn)) {
        throw new ProtocolError('limit_reached', { retryAfter: RETRY_AFTER });
      }
      this.#handshakes.leave(socket.conn);
      return known;
    } catch (error) {
      this.#taken.delete(socket.conn);
      // Who is not known counts for the address, as over REST.
      if (error instanceof ProtocolError && error.code !== 'limit_reached') {
        await this.#options.limiter.take('api', this.#addressOf(socket.request));
      }
      throw error;
    }
  }

  /** As limits count it. */
  #addressOf(request: IncomingMessage): string {
    return addressKey(this.#options.clientAddress(request));
  }
}
