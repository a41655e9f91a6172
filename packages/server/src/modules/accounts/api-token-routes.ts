/** API tokens. */
import type { Core } from './core.ts';

export function apiTokenRoutes(_core: Core) {
  return {};
}
