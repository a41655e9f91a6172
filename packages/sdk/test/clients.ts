/** Clients of the SDK, and waiting for what they show. */
import { randomUUID } from 'node:crypto';
import type { Message } from '@confab/protocol';
import { ConfabClient, type ClientOptions } from '../src/index.ts';

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
