/** Clients of the SDK, and waiting for what they show. */
import { randomUUID } from 'node:crypto';
import type { Message } from '@confab/protocol';
import { ConfabClient, type ClientOptions, type LiveRoom } from '../src/index.ts';

export const PASSWORD = 'a good password';

/** A new account, signed in and connected. `heard` are the messages it was told of. */
export async function newClient(
  url: string,
  options: Partial<ClientOptions> = {},
): Promise<{ client: ConfabClient; heard: Message[]; id: string; email: string }> {
  // Short delays: the shape of the backoff is not what these tests are about.
  const client = new ConfabClient({ url, random: () => 0.02, ...options });
  const username = `u${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  const email = `${username}@example.com`;
  const { id } = await client.signUp({ email, password: PASSWORD, username });
  const heard: Message[] = [];
  client.on('message', (message) => heard.push(message));
  await client.connect();
  return { client, heard, id, email };
}

/** The clients of a test, who leave together. */
export class Clients {
  readonly #clients: ConfabClient[] = [];

  /** Someone new, who is connected. */
  async person(url: string, options: Partial<ClientOptions> = {}): ReturnType<typeof newClient> {
    const made = await newClient(url, options);
    this.#clients.push(made.client);
    return made;
  }

  /** Another device of the same person. */
  async device(url: string, email: string): Promise<ConfabClient> {
    const client = this.add({ url, random: () => 0.02 });
    await client.signIn({ email, password: PASSWORD });
    await client.connect();
    return client;
  }

  /** One that is not signed in. */
  add(options: ClientOptions): ConfabClient {
    const client = new ConfabClient(options);
    this.#clients.push(client);
    return client;
  }

  disconnect(): void {
    for (const client of this.#clients.splice(0)) client.disconnect();
  }
}

/** Two people who both have a room open. */
export async function pair(clients: Clients, url: string) {
  const [ann, bob] = [await clients.person(url), await clients.person(url)];
  const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
  const theirs = bob.client.room(room.id);
  await until(bob.client, () => theirs.state !== null);
  await theirs.open();
  await room.open();
  return { ann, bob, room, theirs };
}

/** @throws Error where nothing is known of the room */
export function stateOf(room: LiveRoom): NonNullable<LiveRoom['state']> {
  if (!room.state) throw new Error('the room is not known');
  return room.state;
}

/** Resolves once the room shows what `test` looks for. */
export function shows(
  client: ConfabClient,
  room: LiveRoom,
  test: (state: ReturnType<typeof stateOf>) => boolean,
): Promise<void> {
  return until(client, () => room.state !== null && test(room.state));
}

export function bodies(messages: readonly Pick<Message, 'body'>[] | undefined): string[] | undefined {
  return messages?.map((message) => message.body);
}

/** Resolves once `test` holds; looks again after each change of the client. */
export function until(client: ConfabClient, test: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!test()) return;
      stop();
      resolve();
    };
    const stop = client.subscribe(look);
    look();
  });
}

/** Resolves once `test` holds, of things that do not tell when they change. */
export async function eventually(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 5));
}
