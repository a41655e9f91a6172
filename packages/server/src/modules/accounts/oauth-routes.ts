/** Accounts elsewhere that sign in here. */
import type { Core } from './core.ts';

export function oauthRoutes(_core: Core) {
  return {};
}
