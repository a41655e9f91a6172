/**
 * A raid on a language room: what its people see of it, what waits for its moderators, and whether it slows them down.
 *
 *     npm run bench -- raid [--guests 500] [--members 50] [--rate 10] [--seconds 60]
 *
 * Members say so many messages a second together, for 20 s by themselves and then while the guests come in within ten
 * seconds and each posts slurs, links and the same again and again every two seconds. The rules are those of the presets:
 * slurs and repeats are refused, links of anyone wait, who floods is muted, and many joins hold what newcomers write. The
 * limit of messages a person may send in a minute is the standard one.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ask, bodyDue, type Client, openClient, openClients } from './live/client.ts';
import { type Instance, makeInstance } from './live/instance.ts';
import { sendWhenDue, settled, takeLatencies } from './live/open-loop.ts';
import { pinLoad } from './live/process.ts';
import { percentile, printTable, round } from './live/stats.ts';

const WORDS = 'morning who is here today reading the book from last week I think the second part was better'.split(' ');
const ALONE_SECONDS = 20;
const JOIN_SECONDS = 10;
const POST_EVERY_SECONDS = 2;
const CAPACITY = 5000;

const RULES = [
  ['Slurs', { type: 'words', lists: ['en'], words: [], spare: [] }, [{ type: 'reject' }, { type: 'alert' }]],
  ['Repeats', { type: 'repeats', times: 3, seconds: 60 }, [{ type: 'reject' }]],
  ['Links', { type: 'links', mode: 'any', hosts: [] }, [{ type: 'hold' }]],
  ['Floods', { type: 'flood', messages: 20, seconds: 30 }, [{ type: 'reject' }, { type: 'mute', seconds: 600 }]],
  ['Raids', { type: 'raid', joins: 20, seconds: 60, lasts: 600 }, [{ type: 'hold' }]],
] as const;

export async function raid(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const [guests, members] = [number('guests', 500), number('members', 50)];
  const [rate, seconds] = [number('rate', 10), number('seconds', 60)];
  const instance = await makeInstance(members + guests);
  // PostgreSQL runs where there is room.
  await pinLoad();
  const pool = new pg.Pool({ connectionString: instance.databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  let clients: Client[] = [];
  try {
    const roomId = await languageRoom(pool, instance, { members, guests });
    const people = await instance.people();
    const server = await instance.start();
    const call = caller(server.port);
    const open = (i: number) =>
      openClient(server.port, { kind: 'socket.io', token: people[i]?.token }, i < members && i % 5 === 0);
    try {
      for (const [name, trigger, actions] of RULES) {
        const rule = { roomId, name, trigger, actions, reason: 'Against the rules of this room', enabled: true };
        await call(people[0]?.token, 'POST', '/api/moderation/automod', rule);
      }
      clients = await openClients(members + guests, open);
      const [ours, theirs] = [clients.slice(0, members), clients.slice(members)];
      let turn = 0;
      const said = new Map<string, number>();
      const speak = (due: number) => {
        turn += 1;
        const input = { roomId, clientId: randomUUID(), body: `${bodyDue(due, 0)} ${chat()}` };
        const speaker = ours[turn % members];
        if (speaker !== undefined)
          void ask(speaker, 'message:send', input).then((answer) => count(said, outcomeOf(answer)));
      };
      await sendWhenDue(5, rate, speak);
      takeLatencies(ours);
      await sendWhenDue(ALONE_SECONDS, rate, speak);
      const alone = takeLatencies(ours);
      const raiders = theirs.map((client, i) => raider(client, roomId, i));
      const raided = Promise.all(
        raiders.map(async (post, i) => {
          await delay((i * JOIN_SECONDS * 1000) / guests);
          await call(people[members + i]?.token, 'POST', `/api/rooms/${roomId}/join`);
          for (let n = 0; n < (seconds - JOIN_SECONDS) / POST_EVERY_SECONDS; n += 1) {
            await post();
            await delay(POST_EVERY_SECONDS * 1000);
          }
        }),
      );
      await sendWhenDue(seconds, rate, speak);
      const meanwhile = takeLatencies(ours);
      await raided;
      await settled(ours);
      const seen = ours.map((client) => client.received - (said.get('said') ?? 0));
      const { rows } = await pool.query<{ waiting: number }>(
        "SELECT count(*)::int AS waiting FROM chat.held WHERE room_id = $1 AND status = 'pending'",
        [roomId],
      );
      const outcomes = new Map<string, number>();
      for (const outcome of raiders.flatMap(({ outcomes: each }) => each)) count(outcomes, outcome);
      const [before, during] = [percentile(alone, 0.99), percentile(meanwhile, 0.99)];
      const figures = {
        posted: [...outcomes.values()].reduce((sum, count) => sum + count, 0),
        'seen by a member': Math.max(...seen),
        'waiting for moderators': rows[0]?.waiting ?? 0,
        'p99 ms before': round(before),
        'p99 ms meanwhile': round(during),
        'p99 ratio': round(during / before),
      };
      printTable([figures]);
      const table = { guests: Object.fromEntries(outcomes), members: Object.fromEntries(said) };
      printTable([{ who: 'guests', ...table.guests }]);
      printTable([{ who: 'members', ...table.members }]);
      return { guests, members, rate, seconds, ...figures, outcomes: table };
    } finally {
      for (const client of clients) client.wire.cut();
      await server.stop();
    }
  } finally {
    await pool.end();
    await instance.stop();
  }
}

/** `said`, `held`, or the code it was refused with. */
function outcomeOf(answer: string): string {
  const [, code] = /"code":"([^"]+)"/.exec(answer) ?? [];
  return code ?? (answer.includes('"status":"pending"') ? 'held' : 'said');
}

function count(outcomes: Map<string, number>, outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

/** What people say: a dozen words, hardly ever the same twice. */
function chat(): string {
  return Array.from({ length: 12 }, () => WORDS[Math.floor(Math.random() * WORDS.length)]).join(' ');
}

/** Posts one thing after the other, and remembers how each was answered. */
function raider(client: Client, roomId: string, i: number): (() => Promise<void>) & { outcomes: string[] } {
  const texts = [
    () => `you are all f.u.c.k.i.n.g idiots ${randomUUID().slice(0, 8)}`,
    () => `free coins at https://coins${i}.example/${randomUUID().slice(0, 8)}`,
    () => 'JOIN US, we are many, and we come from somewhere else',
  ];
  const outcomes: string[] = [];
  let n = i;
  const post = async () => {
    n += 1;
    const body = texts[n % texts.length]?.() ?? '';
    const answer = await ask(client, 'message:send', { roomId, clientId: randomUUID(), body });
    outcomes.push(outcomeOf(answer));
  };
  return Object.assign(post, { outcomes });
}

/** The first person is its owner, the members have long been in it, and the last `guests` people become guests. */
async function languageRoom(
  pool: pg.Pool,
  instance: Instance,
  { members, guests }: { members: number; guests: number },
): Promise<string> {
  const roomId = await instance.room(0, members);
  const loungeId = randomUUID();
  await pool.query(
    `INSERT INTO chat.lounges (lounge_id, name, topic, rules, min_role, guests, adults_only, position, created_at)
     VALUES ($1, 'Raided', '', '', 'guest', 'write', false, 0, now())`,
    [loungeId],
  );
  await pool.query(
    `UPDATE chat.rooms SET kind = 'language', lounge_id = $2, language = 'en', capacity = $3, guests = 'write'
     WHERE room_id = $1`,
    [roomId, loungeId, CAPACITY],
  );
  await pool.query("UPDATE chat.members SET joined_at = now() - interval '30 days' WHERE room_id = $1", [roomId]);
  const people = await instance.people();
  await pool.query("UPDATE accounts.users SET role = 'owner' WHERE id = $1", [people[0]?.id]);
  await pool.query(
    "UPDATE accounts.users SET role = 'guest', guest_until = now() + interval '1 day' WHERE id = ANY($1::uuid[])",
    [people.slice(members, members + guests).map(({ id }) => id)],
  );
  return roomId;
}

function caller(port: number) {
  return async (token: string | undefined, method: string, path: string, body?: object): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token ?? ''}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  };
}
