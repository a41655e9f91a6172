import { randomUUID } from 'node:crypto';
import type { Logger } from '../log.ts';
import { closeRedis, openRedis, type Redis } from '../redis.ts';
import type { MatchQueue, Waiting } from './index.ts';

/** People in one answer. */
const CHUNK = 1000;
/** How long the node that leads may be silent. */
const LEAD_MS = 3000;
/** What nobody asks for any more goes by itself. */
const KEEP_S = 3600;

/**
 * Each script is atomic. Keys, under the prefix KEYS[1]:
 *   entries  hash: person -> ticket (36 characters) and what they wish for, as JSON
 *   seq      counts the changes
 *   put      sorted set: person who waits -> their last change
 *   gone     sorted set: person who left -> that change; only those that whoever leads has not heard of
 *   lead     the node that leads, while it does
 */
const PUT = `
local P, person, entry = KEYS[1], ARGV[1], ARGV[2]
local seq = redis.call('INCR', P .. ':seq')
redis.call('HSET', P .. ':entries', person, entry)
redis.call('ZADD', P .. ':put', seq, person)
redis.call('ZREM', P .. ':gone', person)
return 1
`;
const REMOVE = `
local P, person, ticket = KEYS[1], ARGV[1], ARGV[2]
local entry = redis.call('HGET', P .. ':entries', person)
if not entry or string.sub(entry, 1, 36) ~= ticket then return 0 end
local seq = redis.call('INCR', P .. ':seq')
redis.call('HDEL', P .. ':entries', person)
redis.call('ZREM', P .. ':put', person)
redis.call('ZADD', P .. ':gone', seq, person)
return 1
`;
/** Answers nothing to whoever does not lead; else whether it leads anew, up to which change, the entries, and who left. */
const POLL = `
local P, node, ms, since, limit, keep = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local anew = 0
local leader = redis.call('GET', P .. ':lead')
if not leader then
  anew, since = 1, '0'
  redis.call('DEL', P .. ':gone')
elseif leader ~= node then
  return false
end
redis.call('SET', P .. ':lead', node, 'PX', ms)
for _, key in ipairs({ ':entries', ':seq', ':put', ':gone' }) do redis.call('EXPIRE', P .. key, keep) end
redis.call('ZREMRANGEBYSCORE', P .. ':gone', '-inf', since)
local rows = redis.call('ZRANGEBYSCORE', P .. ':put', '(' .. since, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
local upTo = redis.call('GET', P .. ':seq') or '0'
if #rows == 2 * limit then upTo = rows[#rows] end
local entries = {}
for i = 1, #rows, 2 do entries[#entries + 1] = redis.call('HGET', P .. ':entries', rows[i]) end
return { anew, upTo, entries, redis.call('ZRANGEBYSCORE', P .. ':gone', '(' .. since, upTo) }
`;
const YIELD = `
if redis.call('GET', KEYS[1] .. ':lead') == ARGV[1] then redis.call('DEL', KEYS[1] .. ':lead') end
return 1
`;

interface Scripts {
  queuePut(prefix: string, person: string, entry: string): Promise<1>;
  queueRemove(prefix: string, person: string, ticket: string): Promise<0 | 1>;
  queuePoll(
    prefix: string,
    node: string,
    leadMs: number,
    since: string,
    limit: number,
    keep: number,
  ): Promise<[anew: 0 | 1, upTo: string, entries: string[], gone: string[]] | null>;
  queueYield(prefix: string, node: string): Promise<1>;
}

export interface RedisMatchQueueOptions {
  url: string;
  /** Of every key: deployments with different ones share a Redis. */
  prefix: string;
  log: Logger;
}

/**
 * The queue of several nodes. While Redis is away every call is rejected at once, and nobody leads.
 * @throws StartupError
 */
export async function redisMatchQueue(options: RedisMatchQueueOptions): Promise<MatchQueue> {
  const redis = await openRedis({ url: options.url, role: 'matching', log: options.log });
  const scripts = withScripts(redis);
  const prefix = `${options.prefix}:matching`;
  const node = randomUUID();
  let since = '0';

  return {
    async put(waiting) {
      await scripts.queuePut(prefix, waiting.userId, `${waiting.ticket}${JSON.stringify(waiting)}`);
    },
    async remove(userId, ticket) {
      await scripts.queueRemove(prefix, userId, ticket);
    },
    async poll() {
      const put = new Map<string, Waiting>();
      const gone = new Set<string>();
      let anew = false;
      for (;;) {
        const answer = await scripts.queuePoll(prefix, node, LEAD_MS, since, CHUNK, KEEP_S);
        if (answer === null) return null;
        if (answer[0] === 1) {
          anew = true;
          put.clear();
          gone.clear();
        }
        since = answer[1];
        for (const entry of answer[2]) {
          const one = JSON.parse(entry.slice(36)) as Waiting;
          put.set(one.userId, one);
          gone.delete(one.userId);
        }
        for (const userId of answer[3]) {
          put.delete(userId);
          gone.add(userId);
        }
        if (answer[2].length < CHUNK) return { anew, put: [...put.values()], gone: [...gone] };
      }
    },
    async close() {
      await scripts.queueYield(prefix, node).catch(() => undefined);
      await closeRedis(redis);
    },
  };
}

function withScripts(redis: Redis): Scripts {
  const scripts = { queuePut: PUT, queueRemove: REMOVE, queuePoll: POLL, queueYield: YIELD };
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { numberOfKeys: 1, lua });
  return redis as unknown as Scripts;
}
