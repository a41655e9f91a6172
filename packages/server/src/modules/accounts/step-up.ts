/** Sensitive changes are made by whoever proved a short while ago who they are, not by whoever found a screen unlocked. */
import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import * as rows from './session-rows.ts';

const FRESH_MS = 10 * 60_000;

export interface StepUp {
  /** @throws ProtocolError step_up_required */
  demand(actor: Actor): Promise<void>;
  /** Epoch ms until which no further proof is needed; null when it is needed now. */
  until(actor: Actor): Promise<number | null>;
  /** Whoever holds this session has just proven who they are. Answers until when that counts. */
  proven(actor: Actor): Promise<number>;
}

export function createStepUp(db: Database, clock: Clock): StepUp {
  async function until(actor: Actor): Promise<number | null> {
    // A token proves nothing about who holds it now.
    if (actor.scopes !== null) return null;
    const at = await rows.authenticatedAt(db, actor.sessionId);
    return at !== null && at + FRESH_MS > clock.now() ? at + FRESH_MS : null;
  }
  return {
    until,
    async demand(actor) {
      if ((await until(actor)) === null) throw new ProtocolError('step_up_required');
    },
    async proven(actor) {
      const now = clock.now();
      await rows.setAuthenticatedAt(db, actor.sessionId, now);
      return now + FRESH_MS;
    },
  };
}
