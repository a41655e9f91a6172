import { randomUUID } from 'node:crypto';
import { LIMITS } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

const edit = (by: Person, roomId: string, messageId: string, body: string) =>
  by.call('editMessage', { params: { roomId, messageId }, body: { body } });
const edits = (by: Person, roomId: string, messageId: string) =>
  by.call('messageEdits', { params: { roomId, messageId } });
const forward = (
  by: Person,
  to: string,
  from: { roomId: string; messageId: string },
  clientId: string = randomUUID(),
) => by.call('sendMessage', { params: { roomId: to }, body: { clientId, forward: from } });

describe('earlier bodies', () => {
  test('are kept in order, for the author and for moderators alone', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const { id } = await member.say(roomId, 'one');
    expect(await edits(member, roomId, id)).toEqual({ edits: [] });
    await expectConverges(roomId, [owner, member, other], async () => {
      await edit(member, roomId, id, 'two');
      await edit(member, roomId, id, 'two');
      await edit(member, roomId, id, 'three');
    });
    for (const person of [member, owner]) {
      const { edits: found } = await edits(person, roomId, id);
      expect(found.map(({ body }) => body)).toEqual(['one', 'two']);
      expect(found[0]?.until).toBeLessThanOrEqual(found[1]?.until ?? 0);
    }
    await expect(edits(other, roomId, id)).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(edits(stranger, roomId, id)).rejects.toMatchObject(refusedWith('not_found'));
    await owner.call('block', { body: { userId: member.id } });
    await server.settle();
    await expect(edits(owner, roomId, id)).rejects.toMatchObject(refusedWith('blocked'));
  });

  test('are so many at most: beyond that an edit is refused with a reason, of many at once too, and the message can still be deleted', async () => {
    const { member, roomId } = await room(server);
    const { id } = await member.say(roomId, 'as it was');
    const tries = await Promise.allSettled(
      Array.from({ length: LIMITS.edits + 10 }, (_, i) => edit(member, roomId, id, `body ${i}`)),
    );
    const refused = tries.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(10);
    const reason = `A message can be edited ${LIMITS.edits} times.`;
    for (const one of refused) {
      expect(one.reason).toMatchObject({ body: { code: 'limit_reached', details: { reason } } });
    }
    const { edits: found } = await edits(member, roomId, id);
    expect(found).toHaveLength(LIMITS.edits);
    expect(found[0]?.body).toBe('as it was');
    const device = await member.connect();
    const last = await member.call('message', { params: { roomId, messageId: id } });
    const again = { roomId, messageId: id, body: last.message.body };
    expect(await device.ask('message:edit', again)).toMatchObject({ body: again.body });
    await expect(device.ask('message:edit', { ...again, body: 'more' })).rejects.toMatchObject(
      refusedWith('limit_reached'),
    );
    await member.call('deleteMessage', { params: { roomId, messageId: id } });
    expect(await edits(member, roomId, id)).toEqual({ edits: [] });
  });

  test('are erased with the message: nothing it ever said can be read again', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await member.say(roomId, 'first secret');
    await edit(member, roomId, id, 'second secret');
    await member.call('deleteMessage', { params: { roomId, messageId: id } });
    expect(await edits(owner, roomId, id)).toEqual({ edits: [] });
    const answers = await Promise.all([
      owner.call('messages', { params: { roomId }, query: {} }),
      owner.call('room', { params: { roomId } }),
      owner.call('rooms', { query: {} }),
      owner.call('changes', { params: { roomId }, query: { since: '0' } }),
      owner.call('message', { params: { roomId, messageId: id } }),
    ]);
    expect(JSON.stringify(answers)).not.toContain('secret');
  });
});

describe('forwarding', () => {
  test('puts no other words into the mouth of whoever said them: what is passed on is not edited', async () => {
    const { owner, member, roomId } = await room(server);
    const { id: messageId } = await member.say(roomId, 'I like cats');
    const { id } = await forward(owner, roomId, { roomId, messageId });
    const device = await owner.connect();
    const words = { roomId, messageId: id, body: 'I like nobody' };
    await expect(edit(owner, roomId, id, words.body)).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(device.ask('message:edit', words)).rejects.toMatchObject(refusedWith('forbidden'));
    const { messages } = await member.call('messages', { params: { roomId }, query: {} });
    expect(messages.at(-1)).toMatchObject({ body: 'I like cats', forwarded: { senderId: member.id }, editedAt: null });
  });

  test('passes on the words and who said them when, never where; a forward of a forward names the first', async () => {
    const { owner, member, other, roomId } = await room(server);
    const elsewhere = await owner.call('createRoom', { body: { name: 'Hidden place' } });
    const said = await owner.say(elsewhere.room.id, 'worth knowing');
    const message = await expectConverges(roomId, [owner, member, other], () =>
      forward(owner, roomId, { roomId: elsewhere.room.id, messageId: said.id }),
    );
    expect(message).toMatchObject({
      senderId: owner.id,
      body: 'worth knowing',
      forwarded: { senderId: owner.id, createdAt: said.createdAt },
    });
    const seen = JSON.stringify(await member.call('messages', { params: { roomId }, query: {} }));
    expect(seen).not.toContain(elsewhere.room.id);
    expect(seen).not.toContain(said.id);
    const { room: direct } = await member.call('directRoom', { body: { userId: other.id } });
    await expect(forward(member, direct.id, { roomId, messageId: message.id })).resolves.toMatchObject({
      senderId: member.id,
      forwarded: { senderId: owner.id, createdAt: said.createdAt },
    });
  });

  test('is of messages I can read: not of rooms I am not in, nor what is deleted, hidden or no text', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const own = await stranger.call('createRoom', { body: { name: 'Mine' } });
    const { id } = await other.say(roomId, 'secret');
    const source = { roomId, messageId: id };
    await expect(forward(stranger, own.room.id, source)).rejects.toMatchObject(refusedWith('not_found'));
    await expect(forward(member, roomId, { roomId: own.room.id, messageId: id })).rejects.toMatchObject(
      refusedWith('not_found'),
    );
    await member.call('block', { body: { userId: other.id } });
    await server.settle();
    await expect(forward(member, roomId, source)).rejects.toMatchObject(refusedWith('bad_input'));
    await other.call('deleteMessage', { params: source });
    await expect(forward(owner, roomId, source)).rejects.toMatchObject(refusedWith('message_deleted'));
    await owner.call('updateRoom', { params: { roomId }, body: { name: 'Renamed' } });
    const { messages } = await owner.call('messages', { params: { roomId }, query: { limit: '1' } });
    await expect(forward(owner, roomId, { roomId, messageId: messages[0]?.id ?? '' })).rejects.toMatchObject(
      refusedWith('bad_input'),
    );
  });

  test('again under the same clientId, also at once, is one message', async () => {
    const { owner, roomId } = await room(server);
    const { id: messageId } = await owner.say(roomId, 'echo');
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => forward(owner, roomId, { roomId, messageId }, 'one-forward')),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});

/** What must reach the reader as it was written, and be harmless there because it is text. */
const CORPUS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  "'-alert(1)-'",
  '[click](javascript:alert(1))',
  '![x](x"onerror="alert(1))',
  '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
  '&lt;b&gt; &amp; &#x3c;script&#x3e;',
  '</textarea><script>x</script>',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)} `x` <!-- --> ]]>',
  '\\u003cscript\\u003e %3Cscript%3E',
  "Robert'); DROP TABLE chat.messages;--",
  '__proto__ constructor toString',
];

describe('text', () => {
  test.each(CORPUS)('%s is stored and shown as it was written, in bodies and in every name', async (text) => {
    const { owner, member, roomId } = await room(server, 'group', text);
    await owner.call('updateProfile', { body: { name: text } });
    await server.settle();
    await owner.call('updateRoom', { params: { roomId }, body: { topic: text } });
    const device = await member.connect();
    await device.ask('room:join', { roomId });
    const sent = await owner.say(roomId, text);
    await server.settle();
    await edit(owner, roomId, sent.id, `${text} again`);
    await owner.call('sendMessage', {
      params: { roomId },
      body: { clientId: randomUUID(), poll: { question: text, options: [text, 'other'] } },
    });
    await device.until(
      ({ event, payload }: { event: string; payload: { message: { kind: string } } }) =>
        event === 'message' && payload.message.kind === 'poll',
    );
    const snapshot = await member.call('room', { params: { roomId } });
    expect(snapshot.room).toMatchObject({ name: text, topic: text });
    expect(snapshot.users.find((user) => user.id === owner.id)?.name).toBe(text);
    expect(snapshot.messages.find((message) => message.id === sent.id)?.body).toBe(`${text} again`);
    expect(snapshot.messages.at(-1)?.poll).toMatchObject({ question: text, options: [{ text }, { text: 'other' }] });
    expect((await edits(owner, roomId, sent.id)).edits.map(({ body }) => body)).toEqual([text]);
    const heard = device.events.filter(({ event }) => event === 'message');
    expect(heard[0]?.payload).toMatchObject({ message: { body: text } });
  });

  test('is answered as JSON that no browser takes for a page', async () => {
    const { owner, roomId } = await room(server);
    await owner.say(roomId, CORPUS[0] ?? '');
    const headers = { authorization: `Bearer ${owner.signedIn.accessToken}`, accept: 'text/html' };
    for (const path of [`/api/rooms/${roomId}/messages`, `/api/rooms/${roomId}`, '/api/rooms', '/api/mentions']) {
      const response = await fetch(`${owner.url}${path}`, { headers });
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      await response.json();
    }
  });
});
