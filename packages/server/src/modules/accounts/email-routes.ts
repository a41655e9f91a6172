/** Addresses: proving them, one-time codes, and passwords that are forgotten or changed. */
import type { Core } from './core.ts';

export function emailRoutes(_core: Core) {
  return {};
}
