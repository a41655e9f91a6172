import type { Bus } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import { AgeService } from './ages.ts';
import { AutomodService } from './automod/index.ts';
import { type BlockDeps, BlockService } from './blocks.ts';
import { NoticeService } from './notices.ts';
import { SilenceService } from './silences.ts';

/** Everything of this module, listening for what other nodes change until `stop`. */
export async function createSafety(deps: BlockDeps & { db: Database; bus: Bus; clock: Clock; ids: Ids }) {
  const blocks = new BlockService(deps);
  const silences = new SilenceService(deps);
  const automod = new AutomodService(deps);
  await Promise.all([blocks.start(), silences.start(), automod.start()]);
  return {
    blocks,
    silences,
    automod,
    notices: new NoticeService(deps),
    ages: new AgeService(deps),
    stop() {
      blocks.stop();
      silences.stop();
      automod.stop();
    },
  };
}
