import type { RestHandlers } from '../../platform/http/index.ts';
import type { AppealService } from './appeal-service.ts';
import type { SanctionDecisions } from './sanction-decisions.ts';
import type { Dossiers } from './sanction-dossier.ts';
import type { SanctionService } from './sanction-service.ts';

export function sanctionRoutes({
  sanctions,
  decisions,
  appeals,
  dossiers,
}: {
  sanctions: SanctionService;
  decisions: SanctionDecisions;
  appeals: AppealService;
  dossiers: Dossiers;
}): RestHandlers<
  | 'sanction'
  | 'liftSanction'
  | 'sanctions'
  | 'appeal'
  | 'appealBan'
  | 'ownBan'
  | 'appeals'
  | 'decideAppeal'
  | 'moderatedUser'
  | 'noteUser'
  | 'removeMessages'
> {
  return {
    sanction: ({ actor, call, body }) => sanctions.impose(actor, call.ip, body),
    liftSanction: ({ actor, call, params, body }) =>
      decisions.lift({ actor, ip: call.ip }, params.sanctionId, body.reason),
    async sanctions({ actor }) {
      return { sanctions: await sanctions.mine(actor) };
    },
    appeal: ({ actor, params, body }) => appeals.appeal(actor, params.sanctionId, body.text),
    appealBan: ({ body }) => appeals.appealBan(body.token, body.text),
    ownBan: ({ body }) => appeals.ownBan(body.token),
    appeals: ({ actor, query }) => appeals.queue(actor, query),
    decideAppeal: ({ actor, call, params, body }) =>
      decisions.decide({ actor, ip: call.ip }, params.sanctionId, body.granted, body.note),
    moderatedUser: ({ actor, params }) => dossiers.of(actor, params.userId),
    noteUser: ({ actor, params, body }) => dossiers.note(actor, params.userId, body.text),
    async removeMessages({ actor, params, body }) {
      return { removed: await sanctions.removeMessages(actor, params.roomId, params.userId, body.since, body.reason) };
    },
  };
}
