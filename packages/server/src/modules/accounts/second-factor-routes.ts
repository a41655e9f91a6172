/** The second factor, and proving again that it is me. */
import type { Core } from './core.ts';

export function secondFactorRoutes(_core: Core) {
  return {};
}
