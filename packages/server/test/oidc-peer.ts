/** A real OpenID provider on loopback, whose answers a test may spoil. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { ProviderConfig } from '../src/modules/accounts/index.ts';

export interface OidcPerson {
  email?: string;
  email_verified?: boolean | string;
  name?: string;
}

export interface OidcPeer {
  config: ProviderConfig;
  people: Map<string, OidcPerson>;
  /** Who is signed in there, in every browser; '' refuses. */
  who: string;
  /** What a browser does that `who` is signed in at: follows the links until it is led back. */
  browse(location: string, who: string): Promise<URL>;
  /** Spoils ID tokens; undefined leaves them as they are. */
  spoil: ((idToken: string) => string | Promise<string>) | undefined;
  /** An ID token with these claims instead, signed with the provider’s key, or another one’s. */
  sign(claims: JWTPayload, by?: 'provider' | 'stranger'): Promise<string>;
  /** Called with the path of each request before it is answered. */
  onRequest: ((path: string) => Promise<void> | void) | undefined;
  close(): Promise<void>;
}

const CLIENT = { id: 'confab', secret: 'a secret with + and /' };

/** @param id as which it is configured here */
export async function startOidcPeer(id: string, redirectUri: string): Promise<OidcPeer> {
  const [keys, strangers] = await Promise.all([keyPair(), keyPair()]);
  const people = new Map<string, OidcPerson>();

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...(await exportJWK(keys.privateKey)), alg: 'ES256', kid: 'k' }] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    cookies: { keys: ['k'] },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => Promise.resolve({ sub, ...people.get(sub) } as { sub: string }),
    }),
    async loadExistingGrant({ oidc }) {
      const { client, session } = oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  });
  const handle = provider.callback();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', issuer).pathname;
    await peer.onRequest?.(path);
    if (path.startsWith('/interaction/')) {
      if (peer.who === '') await provider.interactionFinished(request, response, { error: 'access_denied' });
      else await provider.interactionFinished(request, response, { login: { accountId: peer.who } });
      return;
    }
    if (path === '/token') spoilAnswer(response);
    await handle(request, response);
  }

  function spoilAnswer(response: ServerResponse): void {
    const end = response.end.bind(response) as (chunk: string) => ServerResponse;
    response.end = ((chunk: string | Buffer) => {
      void (async () => {
        const body = JSON.parse(String(chunk)) as { id_token?: string };
        if (peer.spoil !== undefined && body.id_token !== undefined) body.id_token = await peer.spoil(body.id_token);
        const text = JSON.stringify(body);
        response.setHeader('content-length', Buffer.byteLength(text));
        end(text);
      })();
      return response;
    }) as ServerResponse['end'];
  }

  const peer: OidcPeer = {
    config: { id, name: 'Example', kind: 'oidc', url: issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret },
    people,
    who: '',
    spoil: undefined,
    onRequest: undefined,
    async browse(location, as) {
      peer.who = as;
      const cookies = new Map<string, string>();
      let url = new URL(location);
      while (!url.href.startsWith(redirectUri)) {
        const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
        const step = await fetch(url, { redirect: 'manual', headers: { cookie } });
        for (const line of step.headers.getSetCookie()) {
          const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
          cookies.set(name, value);
        }
        const next = step.headers.get('location');
        if (next === null) throw new Error(`led nowhere: ${step.status} ${await step.text()}`);
        url = new URL(next, url);
      }
      return url;
    },
    sign: (claims, by = 'provider') =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .sign(by === 'provider' ? keys.privateKey : strangers.privateKey),
    close: () => closeServer(server),
  };
  return peer;
}

function keyPair() {
  return generateKeyPair('ES256', { extractable: true });
}

export async function closeServer(server: ReturnType<typeof createServer>): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
