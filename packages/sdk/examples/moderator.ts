/**
 * Works through what waits for approval, for somebody with an office: nothing with a link gets through, and whoever tries
 * three times is muted in the room for an hour. All else is approved.
 *
 *     PASSWORD=… node moderator.ts http://localhost:3000 mod@example.com
 */
import { ConfabClient, ConfabError, type Message } from '@confab/sdk';

const [url = 'http://localhost:3000', email = ''] = process.argv.slice(2);
const client = new ConfabClient({ url });
await client.signIn({ email, password: process.env['PASSWORD'] ?? '' });

const rejections = new Map<string, number>();

async function decide({ id, roomId, senderId, body }: Message): Promise<void> {
  const params = { roomId, messageId: id };
  if (!/https?:/i.test(body)) {
    await client.call('decideHeld', { params, body: { approve: true } });
    console.log(`approved: ${body}`);
    return;
  }
  await client.call('decideHeld', { params, body: { approve: false, reason: 'No links here, please.' } });
  console.log(`rejected: ${body}`);
  const count = (rejections.get(senderId) ?? 0) + 1;
  rejections.set(senderId, count % 3);
  if (count < 3) return;
  const until = Date.now() + 3_600_000;
  const reason = 'Three links that were not approved.';
  await client.call('sanction', { body: { type: 'mute', userId: senderId, roomId, reason, until } });
  console.log(`muted: ${client.userById(senderId)?.name}`);
}

async function workThrough(): Promise<void> {
  const { messages, users } = await client.call('held', { query: { limit: 100 } });
  client.learn(users);
  for (const { message } of messages) {
    await decide(message).catch((error: unknown) => {
      // Somebody was faster, or its author took it back.
      const isGone = error instanceof ConfabError && ['already_decided', 'not_found'].includes(error.code);
      if (!isGone) throw error;
    });
  }
  if (messages.length > 0) await workThrough();
}

// Events are hints: what came while the connection was down is looked for when it is back.
let work = Promise.resolve();
function look(): void {
  work = work.then(workThrough).catch((error: unknown) => console.error(String(error)));
}
client.on('moderation', ({ what }) => {
  if (what === 'held') look();
});
client.on('status', (status) => {
  if (status === 'online') look();
});
await client.connect();
