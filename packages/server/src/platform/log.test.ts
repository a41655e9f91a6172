import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { createLogger } from './log.ts';
import type { LogConfig } from './log.ts';

function capture(config: Partial<LogConfig> = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', format: 'json', ...config }, { write: (line) => void lines.push(line) });
  return { log, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown> };
}

test('a line is one JSON object with its level by name and its time in ISO 8601', () => {
  const { log, last } = capture();
  log.info({ roomId: 'r1', count: 2 }, 'room created');
  expect(last()).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    roomId: 'r1',
    count: 2,
    msg: 'room created',
  });
});

test.each([
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'cookies',
  'password',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'refresh_token',
  'x-csrf-token',
  'clientSecret',
  'SECRET_KEY',
  'otp',
])('the value of a field named %s is never written, however deep', (name) => {
  const { log, text } = capture();
  log.info({ [name]: 'hunter2' }, 'top');
  log.info({ req: { headers: { [name]: 'hunter2' } } }, 'deep');
  log.info({ list: [{ a: { b: { c: { [name]: ['hunter2'] } } } }] }, 'deeper');
  log.info({ err: Object.assign(new Error('failed'), { response: { [name]: 'hunter2' } }) }, 'in an error');
  log
    .child({ [name]: 'hunter2' })
    .child({ a: { [name]: 'hunter2' } })
    .info('in bindings');
  expect(text()).not.toContain('hunter2');
  expect(text().match(/\[redacted\]/g)).toHaveLength(6);
});

test('one-time codes are redacted and error codes are not', () => {
  const { log, last } = capture();
  log.info({ body: { code: '123456' }, query: { code: 'aB3-x' }, number: { code: 123456 } });
  expect(last()).toMatchObject({
    body: { code: '[redacted]' },
    query: { code: '[redacted]' },
    number: { code: '[redacted]' },
  });
  log.info({ error: { code: 'not_found' }, err: Object.assign(new Error('x'), { code: '23505' }) });
  expect(last()).toMatchObject({ error: { code: 'not_found' }, err: { code: '23505', message: 'x' } });
});

test('tokens and passwords inside URLs are removed', () => {
  const { log, text } = capture();
  log.info({
    url: '/api/auth/oauth/x/callback?state=hunter2&code=hunter2&page=3',
    err: new Error('no postgres://u:hunter2@h/db'),
  });
  log.error(new Error('no redis://u:hunter2@h'));
  log.warn('no redis://u:hunter2@h');
  expect(text()).not.toContain('hunter2');
  expect(text()).toContain('page=3');
  expect(text()).toContain('postgres://u:[redacted]@h/db');
});

test('what is no secret is written as it is', () => {
  const { log, last } = capture();
  const fields = { email: 'a@example.com', username: 'ann', tokens: 3, when: null, list: [1, { ok: true }] };
  log.info(fields);
  expect(last()).toMatchObject(fields);
});

test('cyclic, deep and binary fields are cut, not thrown at the caller', () => {
  const { log, last } = capture();
  const cyclic: Record<string, unknown> = { bytes: Buffer.alloc(3) };
  cyclic['self'] = cyclic;
  log.info({ cyclic });
  expect(last()).toMatchObject({ cyclic: { bytes: '[3 bytes]' } });
});

test('what a database quotes of rows and parameters in its errors is not written', () => {
  const { log, text, last } = capture();
  const quoted = { detail: 'Key (email)=(ada@example.com) already exists.', where: "portal parameter $1 = 'ada'" };
  const error = Object.assign(new Error('duplicate key value'), {
    code: '23505',
    constraint: 'users_email',
    ...quoted,
  });
  log.error({ err: error }, 'failed');
  log.error(new Error('wrapped', { cause: error }));
  expect(text()).not.toContain('ada');
  expect(text()).toContain('users_email');
  expect(last()).toMatchObject({ err: { message: expect.stringContaining('wrapped') as string } });
});

test('an error is logged with its name, message, stack and cause', () => {
  const { log, last } = capture();
  log.error(new TypeError('broken', { cause: new Error('because') }));
  expect(last()).toMatchObject({ level: 'error', msg: 'broken: because', err: { type: 'TypeError' } });
  expect(JSON.stringify(last())).toContain('log.test.ts');
});

test('the pretty format is for people', () => {
  const { log, text } = capture({ format: 'pretty' });
  log.info({ password: 'hunter2' }, 'room created');
  expect(text()).toContain('room created');
  expect(text()).not.toContain('hunter2');
  expect(text()).not.toMatch(/^\{/);
});

test('lines below the level are not written', () => {
  const { log, text } = capture({ level: 'error' });
  log.warn('quiet');
  expect(text()).toBe('');
});

test('a line is written when the call returns, so that it is there, and in its place, whenever the process ends', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'confab-log-'));
  const program = `
    import { fstatSync, writeSync } from 'node:fs';
    import { createLogger } from ${JSON.stringify(join(import.meta.dirname, 'log.ts'))};
    createLogger({ level: 'info', format: 'json' }).info('here');
    writeSync(2, fstatSync(1).size > 0 ? 'written' : 'not yet');`;
  const output = openSync(join(folder.path, 'output'), 'w');
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', output, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(output);
  expect(stderr).toBe('written');
});
