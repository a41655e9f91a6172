/**
 * What changes presence in Redis, each script atomic. Keys, under the prefix KEYS[1]:
 *   nodes        sorted set: node -> end of its lease, in ms of Redis' own clock, which all nodes share
 *   on:<node>    set: people with devices on it
 *   of:<person>  hash: <node>/<connection> -> 1 in use, 0 idle
 * A person's liveness is 'active', 'idle', or '' when none of their devices is on a node with a lease.
 */
import type { Redis } from '../redis.ts';

const COMMON = `
local P = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local leases = {}
local function alive(node)
  if leases[node] == nil then leases[node] = tonumber(redis.call('ZSCORE', P .. ':nodes', node) or 0) end
  return leases[node] > now
end
local function liveness(person)
  local fields = redis.call('HGETALL', P .. ':of:' .. person)
  local best = ''
  for i = 1, #fields, 2 do
    if alive(string.match(fields[i], '^[^/]+')) then
      if fields[i + 1] == '1' then return 'active' end
      best = 'idle'
    end
  end
  return best
end
`;

/** Without a lease nothing is written, and 'lost' is answered. */
const CHANGE = `${COMMON}
local node, person, connection, state, last = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if not alive(node) then return { 'lost', '' } end
local before = liveness(person)
local field = node .. '/' .. connection
if state == '' then
  redis.call('HDEL', P .. ':of:' .. person, field)
  if last == '1' then redis.call('SREM', P .. ':on:' .. node, person) end
else
  redis.call('HSET', P .. ':of:' .. person, field, state)
  redis.call('SADD', P .. ':on:' .. node, person)
end
return { before, liveness(person) }
`;

const READ = `${COMMON}
local answer = {}
for i = 1, #ARGV do answer[i] = liveness(ARGV[i]) end
return answer
`;

const EVERYONE = `${COMMON}
local people = {}
for i, node in ipairs(redis.call('ZRANGEBYSCORE', P .. ':nodes', '(' .. now, '+inf')) do
  people[i] = P .. ':on:' .. node
end
if #people == 0 then return {} end
return redis.call('SUNION', unpack(people))
`;

/** ARGV: node, milliseconds. Takes a lease, or with 'renew' only prolongs one that still holds; answers whether it did. */
const LEASE = `${COMMON}
if ARGV[3] == 'renew' and not alive(ARGV[1]) then return 0 end
redis.call('ZADD', P .. ':nodes', now + ARGV[2], ARGV[1])
return 1
`;

const EXPIRED = `${COMMON}
return redis.call('ZRANGEBYSCORE', P .. ':nodes', '-inf', now)
`;

/**
 * Removes the devices of up to ARGV[2] people on the dead node ARGV[1]. Answers for how many milliseconds it has been
 * dead, and then those people, each with what is left; nobody once there is nothing left of the node.
 */
const REAP = `${COMMON}
local node = ARGV[1]
local leased = redis.call('ZSCORE', P .. ':nodes', node)
if not leased or alive(node) then return { '0' } end
local answer = { tostring(now - leased) }
for _, person in ipairs(redis.call('SPOP', P .. ':on:' .. node, ARGV[2])) do
  for _, field in ipairs(redis.call('HKEYS', P .. ':of:' .. person)) do
    if string.match(field, '^[^/]+') == node then redis.call('HDEL', P .. ':of:' .. person, field) end
  end
  answer[#answer + 1] = person
  answer[#answer + 1] = liveness(person)
end
if #answer == 1 then redis.call('ZREM', P .. ':nodes', node) end
return answer
`;

export interface Scripts {
  change(
    prefix: string,
    node: string,
    person: string,
    connection: string,
    state: '1' | '0' | '',
    last: '1' | '0',
  ): Promise<[string, string]>;
  readMany(prefix: string, ...people: string[]): Promise<string[]>;
  everyone(prefix: string): Promise<string[]>;
  lease(prefix: string, node: string, ms: number, how: 'take' | 'renew'): Promise<0 | 1>;
  expired(prefix: string): Promise<string[]>;
  reap(prefix: string, node: string, count: number): Promise<string[]>;
}

/** Teaches the connection the scripts: from then on they are sent by their hash. */
export function withScripts(redis: Redis): Scripts {
  const scripts = { change: CHANGE, readMany: READ, everyone: EVERYONE, lease: LEASE, expired: EXPIRED, reap: REAP };
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { numberOfKeys: 1, lua });
  return redis as unknown as Scripts;
}
