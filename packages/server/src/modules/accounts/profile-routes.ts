/** What one shows and sets, and taking it along. */
import type { Core } from './core.ts';

export function profileRoutes(_core: Core) {
  return {};
}
