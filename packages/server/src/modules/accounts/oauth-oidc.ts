/** Providers of OpenID Connect, found by their issuer (OpenID Connect Discovery 1.0). */
import { Email } from '@confab/protocol';
import * as client from 'openid-client';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import type { ProviderConfig } from './core.ts';
import { type Peer, type PeerOptions, plainHttp, type Stranger } from './oauth-peer.ts';

/** For so long what a provider says about itself counts. */
const DISCOVERED_FOR_MS = 3600_000;

/** OpenID Connect Core §5.1. Some providers send the boolean as text. */
const Claims = z.object({
  email: z.string().optional(),
  email_verified: z.union([z.boolean(), z.literal('true'), z.literal('false')]).optional(),
  name: z.string().optional(),
});

export function oidcPeer(provider: ProviderConfig, clock: Clock, options: PeerOptions): Peer {
  const { url, clientId, clientSecret } = provider;
  let discovered: { at: number; configuration: Promise<client.Configuration> } | undefined;

  function discover(): Promise<client.Configuration> {
    return client.discovery(new URL(url), clientId, clientSecret, authenticate(clientSecret), {
      ...options,
      // Who signed an ID token is checked although it came over TLS.
      execute: [client.enableNonRepudiationChecks, ...plainHttp(url)],
    });
  }

  /** Asked again after any failure: the provider may have moved. */
  async function withConfiguration<T>(act: (configuration: client.Configuration) => Promise<T> | T): Promise<T> {
    if (discovered === undefined || clock.now() - discovered.at >= DISCOVERED_FOR_MS) {
      discovered = { at: clock.now(), configuration: discover() };
    }
    const used = discovered;
    try {
      return await act(await used.configuration);
    } catch (error) {
      if (discovered === used) discovered = undefined;
      throw error;
    }
  }

  return {
    authorization: ({ state, nonce, verifier }, redirectUri) =>
      withConfiguration(async (configuration) =>
        client.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: 'openid email profile',
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          state,
          nonce,
        }),
      ),

    stranger: (returned, { state, nonce, verifier }) =>
      withConfiguration(async (configuration) => {
        const tokens = await client.authorizationCodeGrant(configuration, returned, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const idToken = tokens.claims();
        if (idToken === undefined) throw new Error('there is no ID token');
        // What the scopes ask for may be in either place (OpenID Connect Core §5.4).
        const claims =
          idToken['email'] === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
            ? await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub)
            : idToken;
        return strangerOf(idToken.sub, Claims.parse(claims));
      }),
  };
}

function strangerOf(subject: string, claims: z.output<typeof Claims>): Stranger {
  const email = Email.safeParse(claims.email).data ?? null;
  const verified = claims.email_verified === true || claims.email_verified === 'true';
  return { subject, email, emailVerified: email !== null && verified, name: claims.name ?? null };
}

/** As the provider takes it; client_secret_basic where it does not say (OpenID Connect Discovery §3). */
function authenticate(secret: string): client.ClientAuth {
  const basic = client.ClientSecretBasic(secret);
  const post = client.ClientSecretPost(secret);
  return (server, metadata, body, headers) => {
    const takes = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (takes.includes('client_secret_basic') ? basic : post)(server, metadata, body, headers);
  };
}
