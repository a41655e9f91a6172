import type { Queryable } from '../../platform/db/index.ts';
import type { Profiles } from '../accounts/index.ts';
import type { ModeratorNews } from '../rooms/index.ts';
import { judgesAmong } from './appeal-judges.ts';
import { isUnmoderated } from './appeal-rows.ts';
import type { SanctionRow } from './sanction-rows.ts';

export interface AppealNewsDeps {
  db: Queryable;
  profiles: Profiles;
  news: ModeratorNews;
}

/** Tells those who may decide an appeal that it waits, or waits no more. Nobody hears of one that they do not find in the queue. */
export async function tellJudges(deps: AppealNewsDeps, row: SanctionRow): Promise<void> {
  const roomId = row.room_id === null || (await isUnmoderated(deps.db, row.room_id)) ? null : row.room_id;
  deps.news.tell('appeal', roomId, { id: row.sanction_id, of: (userIds) => judgesAmong(deps, row, userIds) });
}
