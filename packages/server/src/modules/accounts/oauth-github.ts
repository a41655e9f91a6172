/** GitHub, and GitHub Enterprise Server: OAuth 2.0 (RFC 6749) with an interface of its own for who somebody is. */
import { Email } from '@confab/protocol';
import * as client from 'openid-client';
import { z } from 'zod';
import type { ProviderConfig } from './core.ts';
import { type Peer, type PeerOptions, plainHttp } from './oauth-peer.ts';

/** docs.github.com/rest/users: the login can change hands, the id cannot. */
const User = z.object({ id: z.int(), login: z.string(), name: z.string().nullish() });
const Emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

export function githubPeer({ url, clientId, clientSecret }: ProviderConfig, options: PeerOptions): Peer {
  const base = url.replace(/\/+$/, '');
  const api = base === 'https://github.com' ? 'https://api.github.com' : `${base}/api/v3`;
  const configuration = new client.Configuration(
    {
      issuer: `${base}/login/oauth`,
      authorization_endpoint: `${base}/login/oauth/authorize`,
      token_endpoint: `${base}/login/oauth/access_token`,
    },
    clientId,
    clientSecret,
  );
  configuration[client.customFetch] = options[client.customFetch];
  for (const allow of plainHttp(url)) allow(configuration);

  async function ask<T>(path: string, schema: z.ZodType<T>, accessToken: string): Promise<T> {
    const headers = new Headers({ accept: 'application/vnd.github+json' });
    const answer = await client.fetchProtectedResource(
      configuration,
      accessToken,
      new URL(api + path),
      'GET',
      undefined,
      headers,
    );
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return schema.parse(await answer.json());
  }

  return {
    async authorization({ state, verifier }, redirectUri) {
      return client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'read:user user:email',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
      });
    },

    async stranger(returned, { state, verifier }) {
      const { access_token: token } = await client.authorizationCodeGrant(configuration, returned, {
        expectedState: state,
        pkceCodeVerifier: verifier,
      });
      const [user, emails] = await Promise.all([ask('/user', User, token), ask('/user/emails', Emails, token)]);
      const primary = emails.find((each) => each.primary && each.verified);
      const email = Email.safeParse(primary?.email).data ?? null;
      return { subject: String(user.id), email, emailVerified: email !== null, name: user.name ?? user.login };
    },
  };
}
