/** Passkeys. */
import type { Core } from './core.ts';

export function passkeyRoutes(_core: Core) {
  return {};
}
