/** OAUTH_PROVIDERS: accounts elsewhere that may sign in here. */
import { z } from 'zod';

export const PROVIDERS_PROBLEM =
  'must be JSON like [{"id":"google","clientId":"…","clientSecret":"…"}], others than google and github with "name" and "url" (the issuer of OpenID Connect, https unless it is on this machine)';

const PRESETS: Record<string, { name: string; kind: 'oidc' | 'github'; url: string }> = {
  google: { name: 'Google', kind: 'oidc', url: 'https://accounts.google.com' },
  github: { name: 'GitHub', kind: 'github', url: 'https://github.com' },
};

const Provider = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  name: z.string().min(1).max(40).optional(),
  kind: z.enum(['oidc', 'github']).optional(),
  url: z
    .url({ protocol: /^https?$/ })
    .refine(isSafe)
    .optional(),
});

export interface Provider {
  id: string;
  name: string;
  kind: 'oidc' | 'github';
  url: string;
  clientId: string;
  clientSecret: string;
}

/** Secrets go there. */
function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** undefined when it is not as it should be. */
export function parseProviders(text: string): Provider[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = z.array(Provider).safeParse(json);
  if (!list.success) return undefined;
  const providers: Provider[] = [];
  for (const { id, clientId, clientSecret, ...given } of list.data) {
    const preset = PRESETS[id];
    const url = given.url ?? preset?.url;
    const name = given.name ?? preset?.name;
    if (url === undefined || name === undefined || providers.some((other) => other.id === id)) return undefined;
    providers.push({ id, name, kind: given.kind ?? preset?.kind ?? 'oidc', url, clientId, clientSecret });
  }
  return providers;
}
