/** Composes what is done to people, how it ends, and what is known of them. */
import type { Actor } from '../../platform/actor.ts';
import { type PersonalData, rowsOf } from '../../platform/personal-data.ts';
import { messageRemoval, type RemovalDeps } from '../messages/index.ts';
import { mootAppealsTask } from './appeal-moot.ts';
import { type AppealDeps, AppealService } from './appeal-service.ts';
import { demandRemoval, recordRemoval } from './sanction-changes.ts';
import { type ConsequenceDeps, handleConsequences } from './sanction-consequences.ts';
import { SanctionDecisions } from './sanction-decisions.ts';
import { type DossierDeps, Dossiers } from './sanction-dossier.ts';
import { sanctionsToldTo } from './sanction-rows.ts';
import { sanctionRoutes } from './sanction-routes.ts';
import { type SanctionDeps, SanctionService } from './sanction-service.ts';

export type ModeratingDeps = Omit<SanctionDeps, 'removeMessages'> &
  RemovalDeps &
  AppealDeps &
  DossierDeps &
  ConsequenceDeps;

/** Routes, what is recorded with bans, what is kept about people, periodic tasks, and how many appeals wait for somebody; the jobs are given to `deps.jobs`. */
export function createSanctions(deps: ModeratingDeps) {
  handleConsequences(deps);
  const removeMessages = messageRemoval(deps, {
    demand: demandRemoval,
    record: (entered, batch, tx) => recordRemoval(deps, entered, batch, tx),
  });
  const all = { ...deps, removeMessages };
  const sanctions = new SanctionService(all);
  const services = {
    sanctions,
    decisions: new SanctionDecisions(all),
    appeals: new AppealService(deps),
    dossiers: new Dossiers(deps),
  };
  const personalData: PersonalData = {
    files: (userId) => [
      {
        name: 'safety/sanctions.jsonl',
        rows: () => rowsOf(() => sanctionsToldTo(deps.db, userId)),
      },
    ],
    // What was done, and why, stays for those who decided it.
    erase: (userId) => deps.silences.end(deps.db, userId),
  };
  const countAppeals = (actor: Actor) => services.appeals.count(actor);
  const tasks = [mootAppealsTask(deps)];
  return { routes: sanctionRoutes(services), banRecords: sanctions.banRecords, personalData, countAppeals, tasks };
}
