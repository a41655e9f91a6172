/** Moderation: reports and their queue, sanctions and appeals, automod's rules, and what the console shows. */
export { automodRoutes } from './automod-routes.ts';
export { raidWatch } from './raid-watch.ts';
export { consoleRoutes } from './console-routes.ts';
export { createReports } from './reports.ts';
export { createSanctions } from './sanctions.ts';
