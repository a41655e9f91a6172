/** People of the made-up instance, using the real server. */
import { Agent, get } from 'node:http';
import type { Ack, ClientToServerEvents, RoomSummary, ServerToClientEvents } from '@confab/protocol';
import { io, type Socket } from 'socket.io-client';

type Connection = Socket<ServerToClientEvents, ClientToServerEvents>;
type Held = { roomId: string; rev: number; mine: number };

const agent = new Agent({ keepAlive: true });

export class Client {
  readonly userId: string;
  readonly #url: string;
  readonly #token: string;
  #socket: Connection | undefined;
  #held: Held[] | undefined;

  constructor(url: string, userId: string, token: string) {
    this.#url = url;
    this.userId = userId;
    this.#token = token;
  }

  /** The answer's text. Rejects unless it is 200. */
  get(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get(`${this.#url}${path}`, { agent, headers: { authorization: `Bearer ${this.#token}` } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${path}: ${response.statusCode} ${text}`));
        });
      }).on('error', reject);
    });
  }

  /** Everything this person holds of their rooms. */
  async held(): Promise<Held[]> {
    if (this.#held !== undefined) return this.#held;
    const held: Held[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = JSON.parse(await this.get(`/api/rooms?limit=100${query}`)) as {
        rooms: RoomSummary[];
        nextCursor: string | null;
      };
      held.push(...page.rooms.map(({ room, me }) => ({ roomId: room.id, rev: room.rev, mine: me.mine })));
      cursor = page.nextCursor;
    } while (cursor !== null);
    this.#held = held;
    return held;
  }

  /** Connects once; not part of what is measured. */
  async connect(): Promise<void> {
    if (this.#socket !== undefined) return;
    const socket: Connection = io(this.#url, {
      auth: { token: this.#token },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
  }

  /** One `sync`, as of `changesAgo` changes ago in every room. */
  async sync(changesAgo: number): Promise<void> {
    const rooms = (await this.held()).map((room) => ({ ...room, rev: Math.max(0, room.rev - changesAgo) }));
    const answer = (await this.#socket?.timeout(30_000).emitWithAck('sync', { rooms })) as Ack<unknown> | undefined;
    if (answer?.ok !== true) throw new Error(`sync: ${JSON.stringify(answer)}`);
  }

  close(): void {
    this.#socket?.disconnect();
  }
}
