import type { Ids } from '../../platform/ids.ts';
import { AgeService } from './ages.ts';
import { type AutomodDeps, AutomodService } from './automod/index.ts';
import { type BlockDeps, BlockService } from './blocks.ts';
import { NoticeService } from './notices.ts';
import { SilenceService } from './silences.ts';

/** Everything of this module, listening for what other nodes change until `stop`. */
export async function createSafety(deps: BlockDeps & AutomodDeps & { ids: Ids }) {
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
