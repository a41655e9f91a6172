/** API tokens. */
import type { RestHandlers } from '../../platform/http/index.ts';
import { apiTokens, createApiToken } from './api-tokens.ts';
import type { Core } from './core.ts';
import { endOwn } from './session-list.ts';

export function apiTokenRoutes(core: Core): RestHandlers<'apiTokens' | 'createApiToken' | 'revokeApiToken'> {
  return {
    apiTokens: async ({ actor }) => ({ tokens: await apiTokens(core, actor) }),
    createApiToken: ({ body, actor, call }) => createApiToken(core, actor, body, call.ip),
    revokeApiToken: ({ params, actor, call }) => endOwn(core, actor, 'api_token', params.tokenId, call.ip),
  };
}
