/** What one shows and sets, and taking it along. */
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { updateProfile } from './profile.ts';

export function profileRoutes(core: Core): RestHandlers<'updateProfile'> {
  return {
    updateProfile: ({ actor, body }) => updateProfile(core, actor.userId, body),
  };
}
