/** What a node leaves behind that dies: two real processes on one Redis, killed one after the other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nodes, SHORT_LEASE, startNodes } from '../../../test/nodes.ts';
import { sql } from '../../../test/sql.ts';
import { createLogger } from '../../platform/log.ts';
import { closeRedis, openRedis, type Redis } from '../../platform/redis.ts';

let nodes: Nodes;
let redis: Redis;
beforeAll(async () => {
  nodes = await startNodes(2, SHORT_LEASE);
  const log = createLogger({ level: 'silent', format: 'json' });
  redis = await openRedis({ url: nodes.redis.url, role: 'test', log });
});
afterAll(async () => {
  await closeRedis(redis);
  await nodes.stop();
});

async function lastSeen({ id }: { id: string }): Promise<number | undefined> {
  const rows = await sql<{ last_seen: Date }>(nodes, 'SELECT last_seen FROM chat.statuses WHERE user_id = $1', [id]);
  return rows[0]?.last_seen.getTime();
}
async function keys(): Promise<string[]> {
  return (await redis.keys('*:presence:*'))
    .map((key) => key.replace(/^.*:presence:/, '').replace(/^on:.*/, 'on'))
    .toSorted();
}

test('of whom nobody saw go is known when they were last there; of a node that died nothing stays', async () => {
  const [here, there] = await Promise.all([nodes.person(), nodes.person()]);
  const [a, b] = [await here.connect(nodes.urls[0]), await there.connect(nodes.urls[1])];
  await Promise.all([a, b].map((device) => device.ask('heartbeat', {})));
  const everything = [`of:${here.id}`, `of:${there.id}`, 'nodes', 'on', 'on'].toSorted();
  await expect.poll(keys).toEqual(everything);
  expect([await lastSeen(here), await lastSeen(there)]).toEqual([undefined, undefined]);

  await sql(nodes, "UPDATE upkeep.tasks SET next_at = to_timestamp(0) WHERE name = 'presence.sweep'");
  await expect.poll(() => lastSeen(here)).toEqual(expect.any(Number));
  const swept = await lastSeen(here);
  // One node of the two noted the people of both.
  expect(await lastSeen(there)).toBe(swept);
  await expect
    .poll(async () => (await fetch(`${nodes.urls[0]}/metrics`)).text())
    .toContain('confab_task_last_succeeded{task="presence.sweep"} 1');

  await nodes.kill(1);
  await expect.poll(() => lastSeen(there)).toBeGreaterThan(swept ?? 0);
  await expect.poll(keys).toEqual([`of:${here.id}`, 'nodes', 'on'].toSorted());
  expect(await redis.zcard((await redis.keys('*:presence:nodes'))[0] ?? '')).toBe(1);

  // With the last one nobody is left who could note anything.
  await nodes.kill(0);
  expect(await lastSeen(here)).toBe(swept);
});
