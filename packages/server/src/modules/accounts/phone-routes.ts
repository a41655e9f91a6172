/** Mobile numbers. */
import type { Core } from './core.ts';

export function phoneRoutes(_core: Core) {
  return {};
}
