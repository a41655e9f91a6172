/**
 * A guest in the fullest room of a language, in the terminal: what is typed is sent, the end of the input leaves.
 *
 *     node guest-chat.ts http://localhost:3000 de Ann
 */
import { ConfabClient, ConfabError, type Message } from '@confab/sdk';
import { createInterface } from 'node:readline/promises';

const [url = 'http://localhost:3000', language = 'en', name = 'Guest'] = process.argv.slice(2);
const client = new ConfabClient({ url });
await client.enter('guest', { name });
await client.connect();

const { lounges } = await client.call('lounges');
const rooms = lounges.flatMap((lounge) => lounge.rooms).filter(({ room }) => room.lounge?.language === language);
const [fullest] = rooms.toSorted((a, b) => b.present - a.present);
if (fullest === undefined) throw new Error(`No lounge has a room for ${language}.`);
const room = await client.joinRoom(fullest.room.id);

// Once for each message, in order, whether it came live or was missed while the connection was down.
client.on('message', (message) => {
  if (message.roomId !== room.id || message.senderId === client.me?.id) return;
  const from = client.userById(message.senderId)?.name ?? 'somebody';
  console.log(`${from}${message.language === undefined ? '' : ` (${message.language})`}: ${message.body}`);
});
// What is done to me, and why: a warning, a mute, a message that was not approved.
client.on('notice', ({ type, reason }) => console.log(`* ${type}: ${reason}`));
client.on('session-ended', (why) => {
  console.log(`* signed out: ${why}`);
  process.exit(1);
});
console.log(`* ${fullest.room.name}, ${fullest.present} here`);

const acknowledged = ({ status, reason }: Message) => {
  if (status === 'pending') console.log(`* waits for approval: ${reason}`);
};
// In slow mode nothing is refused: the next message waits by itself.
const refused = (error: unknown) => {
  if (!(error instanceof ConfabError)) throw error;
  console.log(`* ${error.code}: ${error.reason ?? error.message}`);
};
const sent: Promise<void>[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() !== '') sent.push(room.send(line).done.then(acknowledged, refused));
}
await Promise.all(sent);
await client.signOut();
