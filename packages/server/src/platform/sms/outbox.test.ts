import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.stop());

function ask(headers: Record<string, string> = {}, at = server): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(at.url);
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path: '/dev/sms', headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => void (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asking.on('error', reject);
    asking.end();
  });
}

describe('the outbox for development', () => {
  test('shows what was texted to programs on the same machine', async () => {
    const person = await server.person();
    await person.call('setPhone', { body: { phone: '+4915112345678' } });
    await expect.poll(async () => (await ask()).body).toMatch(/to \+4915112345678\n\d{6} is your Confab code/);
    const { messages } = JSON.parse((await ask({ accept: 'application/json' })).body) as { messages: unknown[] };
    expect(messages).toHaveLength(1);
  });

  test('shows nothing through a proxy or under another name', async () => {
    for (const headers of [
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1' },
      { host: 'chat.example' },
    ]) {
      expect((await ask(headers)).status).toBe(404);
    }
  });

  test('is not there in production', async () => {
    const production = await startServer({ NODE_ENV: 'production', PUBLIC_URL: 'https://chat.example' });
    try {
      expect((await ask({}, production)).body).not.toContain('texted');
      const ways = await (await fetch(`${production.url}/api/auth/ways`)).json();
      expect(ways).toMatchObject({ sms: false });
    } finally {
      await production.stop();
    }
  });
});
