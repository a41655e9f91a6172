/** Texts held against rules before they are stored. */
import { randomUUID } from 'node:crypto';
import { type AutomodAction, LIMITS } from '@confab/protocol';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { nodeCount, startWorld, type World } from '../../../test/nodes.ts';
import type { Person } from '../../../test/person.ts';
import { startRedis } from '../../../test/redis.ts';
import { room, type TestRoom } from '../../../test/rooms.ts';
import { startServer } from '../../../test/server.ts';

let server: World;
beforeAll(async () => {
  server = await startWorld();
});
afterAll(() => server.stop());

/** A room with rules: `tea` is held, `coffee` is rejected and warned of. */
async function ruled(): Promise<TestRoom & { ruleId: string }> {
  const there = await room(server);
  const rule = (word: string, actions: AutomodAction[]) =>
    there.owner.call('createAutomodRule', {
      body: {
        roomId: there.roomId,
        name: word,
        trigger: { type: 'words', lists: [], words: [word], spare: [] },
        actions,
        reason: `About ${word}`,
        enabled: true,
      },
    });
  const { id } = await rule('tea', [{ type: 'hold' }]);
  await rule('coffee', [{ type: 'reject' }, { type: 'warn' }]);
  await server.settle();
  return { ...there, ruleId: id };
}
const rejected = { body: { code: 'message_rejected', details: { reason: 'About coffee' } } };
const said = async (by: Person, roomId: string) =>
  (await by.call('messages', { params: { roomId }, query: {} })).messages.map(({ body }) => body);

describe('automod', () => {
  test('lets through, holds or rejects; what is rejected is stored nowhere, and its clientId is free', async () => {
    const { owner, member, other, roomId, ruleId } = await ruled();
    const clientId = randomUUID();
    await expect(member.say(roomId, 'coffee!', clientId)).rejects.toMatchObject(rejected);
    expect(await member.say(roomId, 'water', clientId)).toMatchObject({ n: 1 });
    const held = await member.say(roomId, 'tea?');
    expect(held).toMatchObject({ status: 'pending', reason: 'About tea' });
    expect((await owner.call('held', { query: { roomId } })).messages).toEqual([{ message: held, ruleId }]);
    expect(await said(other, roomId)).toEqual(['water']);
    expect(JSON.stringify(await member.call('room', { params: { roomId } }))).not.toContain('coffee');
    // Those who moderate say what they like.
    expect(await owner.say(roomId, 'tea and coffee')).toMatchObject({ n: 2 });
    // Over the socket alike.
    const device = await member.connect();
    await expect(
      device.ask('message:send', { roomId, clientId: randomUUID(), body: 'coffee again' }),
    ).rejects.toMatchObject(rejected);
  });

  test('lets so many of one person wait in a room and its threads together, also of those sent at once', async () => {
    const { owner, member, other, roomId } = await ruled();
    const places = [roomId];
    for (const body of ['one', 'two']) {
      const { id: messageId } = await owner.say(roomId, body);
      places.push((await member.call('openThread', { params: { roomId, messageId } })).room.id);
    }
    const tries = await Promise.allSettled(
      places.flatMap((place) => Array.from({ length: LIMITS.heldPerMember }, () => member.say(place, 'tea'))),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(LIMITS.heldPerMember);
    const { messages } = await owner.call('held', { query: { roomId, limit: '100' } });
    expect(messages).toHaveLength(LIMITS.heldPerMember);
    const [first] = messages;
    const params = { roomId: first?.message.roomId ?? '', messageId: first?.message.id ?? '' };
    const tooMany = { body: { code: 'limit_reached' } };
    for (const place of places) await expect(member.say(place, 'tea')).rejects.toMatchObject(tooMany);
    // Others wait for themselves, and what is decided makes room.
    expect(await other.say(roomId, 'tea')).toMatchObject({ status: 'pending' });
    await owner.call('decideHeld', { params, body: { approve: false, reason: 'No' } });
    expect(await member.say(places[2] ?? '', 'tea')).toMatchObject({ status: 'pending' });
  });

  test('P-HELD-5 sees polls with their options, forwards, threads and edits, which cannot wait; nothing between two people', async () => {
    const { owner, member, other, roomId } = await ruled();
    const params = { roomId };
    const send = (content: object) =>
      member.call('sendMessage', { params, body: { clientId: randomUUID(), ...content } });
    await expect(send({ poll: { question: 'What?', options: ['Water', 'Coffee'] } })).rejects.toMatchObject(rejected);
    const { id: messageId } = await owner.say(roomId, 'coffee, says the owner');
    await expect(send({ forward: { roomId, messageId } })).rejects.toMatchObject(rejected);
    const { room: thread } = await owner.call('openThread', { params: { roomId, messageId } });
    await expect(member.say(thread.id, 'more coffee')).rejects.toMatchObject(rejected);
    expect(await member.say(thread.id, 'tea then')).toMatchObject({ status: 'pending' });
    const mine = await send({ body: 'water' });
    for (const [body, reason] of [
      ['coffee', 'About coffee'],
      ['tea', 'About tea'],
    ] as const) {
      await expect(
        member.call('editMessage', { params: { roomId, messageId: mine.id }, body: { body } }),
      ).rejects.toMatchObject({ body: { code: 'message_rejected', details: { reason } } });
    }
    expect((await other.call('message', { params: { roomId, messageId: mine.id } })).message).toMatchObject({
      body: 'water',
      editedAt: null,
    });
    const { room: direct } = await member.call('directRoom', { body: { userId: other.id } });
    expect(await member.say(direct.id, 'tea or coffee?')).toMatchObject({ n: 1 });
  });

  test('one that is rejected among many at once takes no number from the others', async () => {
    const { owner, member, other, roomId } = await ruled();
    const tries = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) =>
        (i % 2 ? member : other).say(roomId, i % 3 === 0 ? `coffee ${i}` : `water ${i}`),
      ),
    );
    expect(tries.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
    expect(messages.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(JSON.stringify(messages)).not.toContain('coffee');
  });

  test('what follows is done as well: whoever is warned is told', async () => {
    const { member, roomId } = await ruled();
    const device = await member.connect();
    await expect(member.say(roomId, 'coffee')).rejects.toMatchObject(rejected);
    await device.until(({ event }) => event === 'notice');
    const { notices } = await member.call('notices', { query: {} });
    expect(notices).toMatchObject([{ type: 'warned', reason: 'About coffee' }]);
  });
});

describe.runIf(nodeCount() === 1)('where no rules apply', () => {
  test('sending asks the database nothing for their sake', async () => {
    const { member, roomId } = await room(server);
    await member.say(roomId, 'so that what is remembered is');
    const asked = vi.spyOn(pg.Client.prototype, 'query');
    await member.say(roomId, 'hello');
    const statements = asked.mock.calls.map(([config]: unknown[]) =>
      typeof config === 'string' ? config : (config as { name?: string }).name,
    );
    asked.mockRestore();
    expect(statements.filter((name) => name?.startsWith('messages.') || name?.startsWith('rooms.'))).toEqual([
      'rooms.lock',
      'rooms.members_of',
      'messages.sent_before',
      'messages.insert',
      'rooms.save',
    ]);
  });
});

test('where rules count together with other nodes, Redis is asked before any lock is taken, also of an edit', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const own = await startServer({ REDIS_URL: redis.url });
  onTestFinished(() => own.stop());
  const { owner, member, roomId } = await room(own);
  const trigger = { type: 'flood' as const, messages: 1000, seconds: 60 };
  await owner.call('createAutomodRule', {
    body: { roomId, name: 'Flood', trigger, actions: [{ type: 'reject' }], reason: 'Too many', enabled: true },
  });
  const statements = vi.spyOn(pg.Client.prototype, 'query');
  const commands = vi.spyOn(Redis.prototype, 'sendCommand');
  const { id: messageId } = await member.say(roomId, 'hello');
  await member.call('editMessage', { params: { roomId, messageId }, body: { body: 'hello again' } });
  const asked = [
    ...statements.mock.calls.map(([config]: unknown[], i) => ({
      name: (config as { name?: string }).name ?? '',
      order: statements.mock.invocationCallOrder[i] ?? 0,
    })),
    ...commands.mock.calls.map(([{ args }], i) => ({
      name: args.some((arg) => String(arg).includes(':burst:')) ? 'bursts' : '',
      order: commands.mock.invocationCallOrder[i] ?? 0,
    })),
  ].toSorted((a, b) => a.order - b.order);
  statements.mockRestore();
  commands.mockRestore();
  const steps = ['messages.standing', 'bursts', 'rooms.lock'];
  const found = asked.map(({ name }) => name).filter((name) => steps.includes(name));
  expect(found).toEqual([...steps, ...steps]);
});
