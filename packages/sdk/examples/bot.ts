/**
 * A bot that rolls dice: it answers `!roll` and `!roll 20` in every room of the account that made its API token. The scopes it
 * takes are `profile:read`, `people:read`, `messages:read` and `messages:write`.
 *
 *     CONFAB_TOKEN=confab_… node bot.ts http://localhost:3000
 */
import { ConfabClient } from '@confab/sdk';
import { randomInt } from 'node:crypto';

const [url = 'http://localhost:3000'] = process.argv.slice(2);
const bot = new ConfabClient({ url, apiToken: process.env['CONFAB_TOKEN'] ?? '' });

// Once for each message, also for those that came while the connection was down.
bot.on('message', ({ id, roomId, senderId, body }) => {
  const asked = /^!roll(?: ([1-9]\d{0,2}))?$/.exec(body);
  if (!asked || senderId === bot.me?.id) return;
  const sides = Number(asked[1] ?? 6);
  const name = bot.userById(senderId)?.name ?? 'Somebody';
  const answer = `${name} rolls a ${randomInt(1, sides + 1)} of ${sides}.`;
  const { done } = bot.room(roomId).send(answer, { replyTo: id });
  // What is too early waits by itself. A room may be read-only, though, or closed to the bot.
  done.catch((error: unknown) => console.error(String(error)));
});
// What went wrong and nobody waits for.
bot.on('error', (error) => console.error(String(error)));
// The token was revoked, or has expired.
bot.on('session-ended', (why) => {
  console.error(`* the token is of no use any more: ${why}`);
  process.exitCode = 1;
});

// Rejects where the token is not taken, or lacks a scope.
await bot.connect();
console.log(`* ${bot.me?.name} is here, rooms: ${bot.rooms.length}`);
