/** What this module keeps about a person. */
import { type PersonalData, rowsOf } from '../../platform/personal-data.ts';

interface MyBlocks {
  /** Whom `userId` blocks. */
  list(userId: string): Promise<string[]>;
  unblock(userId: string, otherId: string): Promise<void>;
}

export function safetyPersonalData(blocks: MyBlocks): PersonalData {
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
