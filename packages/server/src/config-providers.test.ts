import { expect, test } from 'vitest';
import { type Config, ConfigError, parseConfig } from './config.ts';

function providers(list: unknown, env: Record<string, string> = {}): Config['accounts']['providers'] {
  const text = typeof list === 'string' ? list : JSON.stringify(list);
  return parseConfig({ ...env, OAUTH_PROVIDERS: text }).accounts.providers;
}

const client = { clientId: 'id', clientSecret: 'secret' };
const own = { ...client, id: 'work', name: 'Work', url: 'https://login.example' };

test('Google and GitHub need a client alone; others a name and where they are', () => {
  expect(
    providers([{ ...client, id: 'google' }, { ...client, id: 'github', url: 'https://git.example' }, own]),
  ).toEqual([
    { ...client, id: 'google', name: 'Google', kind: 'oidc', url: 'https://accounts.google.com' },
    { ...client, id: 'github', name: 'GitHub', kind: 'github', url: 'https://git.example' },
    { ...own, kind: 'oidc' },
  ]);
});

test('plain http is taken on this machine, and not in production', () => {
  for (const url of ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080/realms/main']) {
    expect(providers([{ ...own, url }])).toMatchObject([{ url }]);
    expect(() => providers([{ ...own, url }], { NODE_ENV: 'production' })).toThrow(ConfigError);
  }
  expect(providers([own], { NODE_ENV: 'production' })).toHaveLength(1);
});

test.each<[string, unknown]>([
  ['no JSON', '{'],
  ['no list', own],
  ['plain http elsewhere', [{ ...own, url: 'http://login.example' }]],
  ['plain http at a name that looks like this machine', [{ ...own, url: 'http://localhost.example' }]],
  ['another scheme', [{ ...own, url: 'ftp://login.example' }]],
  ['no address', [{ ...own, url: undefined }]],
  ['no name', [{ ...own, name: undefined }]],
  ['no secret', [{ ...own, clientSecret: undefined }]],
  ['an id that is no part of a path', [{ ...own, id: '../x' }]],
  ['one id twice', [own, own]],
  ['an unknown kind', [{ ...own, kind: 'saml' }]],
  ['an unknown field', [{ ...own, scope: 'all' }]],
])('%s is refused, and no secret repeated', (_what, list) => {
  expect(() => providers(list)).toThrow(/^Wrong configuration: OAUTH_PROVIDERS must be JSON like (?!.*"secret")/);
});
