/** What tests of the real program do over REST. */
import type { Message, SignedIn } from '@confab/protocol';
import { randomUUID } from 'node:crypto';
import { call } from '../../packages/server/test/person.ts';

export const PASSWORD = 'a good password';

export function signUp(url: string): Promise<SignedIn> {
  const username = `u${randomUUID().slice(0, 8)}`;
  const body = { email: `${username}@example.com`, password: PASSWORD, username };
  return call(url, undefined, 'signUp', { body });
}

/** A room's whole history as `person` sees it, read page by page from its beginning. */
export async function history(url: string, person: SignedIn, roomId: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const query = { after: String(messages.at(-1)?.n ?? 0), limit: '100' };
    const page = await call(url, person.accessToken, 'messages', { params: { roomId }, query });
    messages.push(...page.messages);
    if (!page.hasMoreAfter) return messages;
  }
}
