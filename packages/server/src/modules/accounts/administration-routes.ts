/** Accounts as those see them who run the place. */
import type { Core } from './core.ts';

export function administrationRoutes(_core: Core) {
  return {};
}
