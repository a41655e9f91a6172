import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SECRET } from '../../../test/accounts.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { refusal, type SmtpServer, startSmtpServer } from '../../../test/smtp.ts';
import { FakeClock } from '../../platform/clock.ts';
import { openDatabase, type OpenDatabase } from '../../platform/db/database.ts';
import { PostgresJobs } from '../../platform/jobs/postgres.ts';
import { createLogger } from '../../platform/log.ts';
import { smtpMailer } from '../../platform/mail/smtp.ts';
import { createLetters, type Letters } from './letters.ts';

const TO = 'ada@example.com';
const letter = { about: 'email_code', code: '123456' } as const;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

let db: OpenDatabase;
let clock: FakeClock;
let databaseUrl: string;
let logged: string;
beforeEach(async () => {
  const database = await createTestDatabase();
  cleanups.push(() => database.drop());
  db = await openDatabase({ url: database.url, poolSize: 2, log: createLogger({ level: 'silent', format: 'json' }) });
  cleanups.push(() => db.close());
  databaseUrl = database.url;
  clock = new FakeClock();
  logged = '';
});

function letters(
  port: number,
  { master = SECRET, silence = 10_000 } = {},
): { letters: Letters; run: () => Promise<void> } {
  const log = createLogger({ level: 'trace', format: 'json' }, { write: (line) => void (logged += line) });
  const jobs = new PostgresJobs({ url: databaseUrl, clock, log, concurrency: 1 });
  cleanups.push(() => jobs.close());
  const mailer = smtpMailer({
    url: `smtp://127.0.0.1:${port}?ignoreTLS=true`,
    from: 'Confab <confab@chat.example>',
    timeouts: { connect: silence, silence },
  });
  cleanups.push(() => mailer.close());
  const made = createLetters({ jobs, clock, log, master, mailer, baseUrl: () => 'https://chat.example' });
  return { letters: made, run: () => jobs.runDue() };
}

async function smtp(...options: Parameters<typeof startSmtpServer>): Promise<SmtpServer> {
  const server = await startSmtpServer(...options);
  cleanups.push(() => server.close());
  return server;
}

/** Seconds until each waiting job is tried again. */
async function waits(): Promise<number[]> {
  const { rows } = await db.query<{ s: number }>(
    'select extract(epoch from run_at - now())::float8 as s from jobs.jobs order by id',
  );
  return rows.map(({ s }) => s);
}

describe('a letter', () => {
  test('is sent exactly if the transaction that causes it is committed', async () => {
    const server = await smtp();
    const { letters: to, run } = letters(server.port);
    await expect(
      db.transaction(async (tx) => {
        await to.send(tx, 'rolled.back@example.com', letter);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await db.transaction((tx) => to.send(tx, TO, letter));
    await run();
    expect(server.received.map((mail) => mail.to)).toEqual([[TO]]);
    expect(await waits()).toEqual([]);
  });

  test('lies sealed until it is sent: neither address nor words are in the database', async () => {
    const { letters: to } = letters(1);
    await to.send(db, TO, letter);
    const { rows } = await db.query('select * from jobs._private_jobs');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/ada@|123456|email_code/);
  });

  test('is opened under the same secret alone', async () => {
    const server = await smtp();
    const { letters: to } = letters(server.port);
    await to.send(db, TO, letter);
    await letters(server.port, { master: Buffer.alloc(32, 8) }).run();
    expect(server.received).toEqual([]);
    expect(await waits()).toHaveLength(1);
  });

  test('is not sent once it is of no use any more, and waits no longer', async () => {
    const server = await smtp();
    const { letters: to, run } = letters(server.port);
    await to.send(db, TO, letter, clock.now() + 600_000);
    await to.send(db, 'bob@example.com', letter, clock.now() + 600_001);
    await clock.advance(600_000);
    await run();
    expect(server.received.map((mail) => mail.to)).toEqual([['bob@example.com']]);
    expect(await waits()).toEqual([]);
  });
});

describe('a letter that does not arrive', () => {
  test('as it is refused for good, is not tried again, and logged without the address', async () => {
    let tries = 0;
    const server = await smtp({
      onRcptTo({ address }, _session, callback) {
        tries++;
        callback(refusal(550, `5.1.1 <${address}>: no such user here`));
      },
    });
    const { letters: to, run } = letters(server.port);
    await to.send(db, TO, letter);
    await run();
    await run();
    expect(tries).toBe(1);
    expect(await waits()).toEqual([]);
    expect(logged).toContain('a letter was refused');
    expect(logged).toContain('550 5.1.1');
    expect(logged).not.toMatch(/ada@|123456/);
  });

  test('as it is greylisted, is tried again later, each time after a longer wait, as the same mail', async () => {
    let tries = 0;
    const ids: (string | undefined)[] = [];
    const server = await smtp({
      onRcptTo({ address }, _session, callback) {
        callback(++tries <= 2 ? refusal(451, `4.7.1 <${address}>: greylisted`) : null);
      },
    });
    const { letters: to, run } = letters(server.port);
    await to.send(db, TO, letter);
    await run();
    const [first = 0] = await waits();
    await run();
    const [second = 0] = await waits();
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(server.received).toEqual([]);
    await run();
    ids.push(...server.received.map(({ source }) => /^Message-ID: (.*)$/m.exec(source)?.[1]));
    expect(ids).toEqual([expect.stringMatching(/^<\d+\.[0-9a-f]{32}@chat\.example>$/)]);
    expect(tries).toBe(3);
    expect(await waits()).toEqual([]);
    const { rows } = await db.query('select last_error from jobs._private_jobs');
    expect(`${logged}${JSON.stringify(rows)}`).not.toMatch(/ada@|123456/);
  });

  test('as the server is away, is sent once it is back', async () => {
    const away = await startSmtpServer();
    away.close();
    const { letters: to, run } = letters(away.port);
    await to.send(db, TO, letter);
    await run();
    expect(await waits()).toHaveLength(1);
    const { received } = await smtp({}, away.port);
    await run();
    expect(received.map((mail) => mail.to)).toEqual([[TO]]);
  });

  test.each([
    ['says nothing', () => undefined],
    ['closes the connection in the middle of the mail', (socket: Socket) => dropInData(socket)],
  ])('as the server %s, is tried again', async (_, connected) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      connected(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const { letters: to, run } = letters((server.address() as AddressInfo).port, { silence: 100 });
    await to.send(db, TO, letter);
    await run();
    const [first = 0] = await waits();
    await run();
    const [second = 0] = await waits();
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(logged).not.toMatch(/ada@|123456/);
  });
});

function dropInData(socket: Socket): void {
  socket.write('220 ready\r\n');
  let inData = false;
  socket.on('data', (chunk) => {
    if (inData) socket.destroy();
    else if (chunk.toString().startsWith('DATA')) {
      inData = true;
      socket.write('354 go on\r\n');
    } else socket.write('250 ok\r\n');
  });
}
