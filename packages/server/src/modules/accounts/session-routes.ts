/** Where one is signed in. */
import type { Core } from './core.ts';

export function sessionRoutes(_core: Core) {
  return {};
}
