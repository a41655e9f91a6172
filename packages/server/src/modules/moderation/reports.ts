/** Composes what people report and how it is decided. */
import { type CaseDeps, CaseService } from './case-service.ts';
import { reportRoutes } from './report-routes.ts';
import { ReportService } from './report-service.ts';

/** Routes; and of the reports what other parts of moderation ask. */
export function createReports(deps: CaseDeps) {
  const reports = new ReportService(deps);
  return { reports, routes: reportRoutes(reports, new CaseService(deps)) };
}
