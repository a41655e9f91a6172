/** Safety: who does not want to hear of whom, what people are told, what texts are held against, and the trail of it all. */
export { AgeService } from './ages.ts';
export { createSafety } from './create.ts';
export { AutomodService, automodRules, rehearse, WORD_LISTS } from './automod/index.ts';
export { findLinks } from './automod/links.ts';
export { BlockService } from './blocks.ts';
export { consequencesJob, type JudgedBadly } from './consequences.ts';
export type {
  Ages,
  Automod,
  Blocks,
  CountedMessage,
  Judge,
  JudgedMessage,
  ModerationLog,
  Notices,
  Silence,
  Silences,
  Verdict,
} from './contracts.ts';
export { logHead, type LogVerdict, moderationLog, readLog, verifyLog, wholeLog } from './log.ts';
export { safetyTasks } from './over.ts';
export { safetyRoutes } from './routes.ts';
export { SilenceService, silencesAt } from './silences.ts';
