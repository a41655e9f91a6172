/** Guests. */
import type { Core } from './core.ts';

export function guestRoutes(_core: Core) {
  return {};
}
