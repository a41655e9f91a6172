import type { RestHandlers } from '../../platform/http/index.ts';
import type { CaseService } from './case-service.ts';
import type { ReportService } from './report-service.ts';

export function reportRoutes(
  reports: ReportService,
  cases: CaseService,
): RestHandlers<'report' | 'reports' | 'cases' | 'case' | 'caseAssignees' | 'assignCase' | 'noteCase' | 'closeCase'> {
  return {
    report: ({ actor, body }) => reports.report(actor, body),
    reports: ({ actor, query }) => reports.mine(actor, query),
    cases: ({ actor, query: { mine, ...query } }) => cases.list(actor, { ...query, mine: mine === 'true' }),
    case: ({ actor, params }) => cases.read(actor, params.caseId),
    caseAssignees: async ({ actor, params }) => ({ users: await cases.assignees(actor, params.caseId) }),
    assignCase: ({ actor, params, body }) => cases.assign(actor, params.caseId, body.assigneeId, body.version),
    noteCase: ({ actor, params, body }) => cases.note(actor, params.caseId, body.text),
    closeCase: ({ actor, params, body }) => cases.close(actor, { ...params, ...body }),
  };
}
