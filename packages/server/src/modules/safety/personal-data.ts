/** What this module keeps about a person. */
import { type PersonalData, rowsOf } from '../../platform/personal-data.ts';
import type { BlockService } from './blocks.ts';

export function safetyPersonalData(blocks: BlockService): PersonalData {
  return {
    // Not who blocks them: that is for nobody to learn.
    files: (userId) => [
      {
        name: 'blocks.jsonl',
        rows: () => rowsOf(async () => (await blocks.list(userId)).map((blockedId) => ({ userId: blockedId }))),
      },
    ],
    async erase(userId) {
      for (const blockedId of await blocks.list(userId)) await blocks.unblock(userId, blockedId);
    },
  };
}
