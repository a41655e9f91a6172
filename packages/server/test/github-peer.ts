/** As much of GitHub as signing in with it takes: OAuth 2.0 with PKCE, and its interface for who somebody is. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderConfig } from '../src/modules/accounts/index.ts';
import { closeServer } from './oidc-peer.ts';

export interface GithubPerson {
  id: number;
  login: string;
  name: string | null;
  emails: { email: string; primary: boolean; verified: boolean }[];
}

export interface GithubPeer {
  config: ProviderConfig;
  /** Where the browser of `who` is led; undefined: they refuse. */
  browse(location: string, who: GithubPerson | undefined): URL;
  close(): Promise<void>;
}

const CLIENT = { id: 'Iv1.confab', secret: 'a secret' };

/** A GitHub Enterprise Server: its interface is under /api/v3. */
export async function startGithubPeer(id: string, redirectUri: string): Promise<GithubPeer> {
  const codes = new Map<string, { who: GithubPerson; challenge: string | null }>();
  const tokens = new Map<string, GithubPerson>();

  async function exchange(request: IncomingMessage): Promise<object> {
    const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    const code = body.get('code') ?? '';
    const granted = codes.get(code);
    codes.delete(code);
    const verified = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    // docs.github.com/apps/oauth-apps: these are answered with 200.
    if (body.get('client_id') !== CLIENT.id || body.get('client_secret') !== CLIENT.secret) {
      return { error: 'incorrect_client_credentials' };
    }
    if (body.get('redirect_uri') !== redirectUri) return { error: 'redirect_uri_mismatch' };
    if (granted === undefined || granted.challenge !== verified) return { error: 'bad_verification_code' };
    const token = `gho_${randomBytes(12).toString('hex')}`;
    tokens.set(token, granted.who);
    return { access_token: token, token_type: 'bearer', scope: 'read:user,user:email' };
  }

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    if (request.url === '/login/oauth/access_token') return { status: 200, body: await exchange(request) };
    const who = tokens.get(/^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (who === undefined) return { status: 401, body: { message: 'Bad credentials' } };
    const { emails, ...user } = who;
    if (request.url === '/api/v3/user') return { status: 200, body: user };
    if (request.url === '/api/v3/user/emails') return { status: 200, body: emails };
    return { status: 404, body: { message: 'Not Found' } };
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    config: { id, name: 'GitHub', kind: 'github', url, clientId: CLIENT.id, clientSecret: CLIENT.secret },
    browse(location, who) {
      const asked = new URL(location);
      const { searchParams } = asked;
      if (asked.origin + asked.pathname !== `${url}/login/oauth/authorize`) throw new Error(`led to ${location}`);
      if (searchParams.get('redirect_uri') !== redirectUri) throw new Error('it leads back to somewhere else');
      const back = new URL(redirectUri);
      back.searchParams.set('state', searchParams.get('state') ?? '');
      if (who === undefined) back.searchParams.set('error', 'access_denied');
      else {
        const code = randomBytes(10).toString('hex');
        codes.set(code, { who, challenge: searchParams.get('code_challenge') });
        back.searchParams.set('code', code);
      }
      return back;
    },
    close: () => closeServer(server),
  };
}
