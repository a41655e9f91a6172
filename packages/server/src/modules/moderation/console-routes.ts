import { Readable } from 'node:stream';
import type { ModerationLogEntry } from '@confab/protocol';
import type { Database } from '../../platform/db/index.ts';
import type { RestHandlers } from '../../platform/http/index.ts';
import { type ModerationLog, readLog, wholeLog } from '../safety/index.ts';
import { type FigureDeps, figures } from './console-figures.ts';

export interface ConsoleDeps extends FigureDeps {
  db: Database;
  trail: ModerationLog;
}

export function consoleRoutes(
  deps: ConsoleDeps,
): RestHandlers<'moderationLog' | 'exportModerationLog' | 'moderationFigures'> {
  const { db, trail, profiles } = deps;
  return {
    // Nobody is told by whom something was done to them, moderators neither.
    async moderationLog({ actor, query: { before, limit, ...filter } }) {
      const { entries, hasMore } = await readLog(db, { ...filter, reader: actor.userId }, { before, limit });
      const named = entries.flatMap(({ actorId, targetId }) => [actorId ?? [], targetId ?? []].flat());
      return { entries, users: await profiles.publicUsers([...new Set(named)]), hasMore };
    },
    // Recorded before anything is taken along, and so in what is, where it is asked for.
    async exportModerationLog({ actor, query }) {
      const { roomId, targetId, ...details } = query;
      const about = { actorId: actor.userId, roomId: roomId ?? null, targetId: targetId ?? null };
      await trail.record(db, { ...about, action: 'trail.exported', details });
      const entries = wholeLog(db, { ...query, reader: actor.userId });
      return {
        name: 'confab-moderation-log.jsonl',
        content: Readable.from(lines(entries), { objectMode: false }),
      };
    },
    moderationFigures: ({ actor }) => figures(deps, actor),
  };
}

async function* lines(entries: AsyncIterable<ModerationLogEntry>): AsyncGenerator<Buffer, void, undefined> {
  for await (const entry of entries) yield Buffer.from(`${JSON.stringify(entry)}\n`);
}
