import type { RoomState } from '@confab/sdk';
import { languageName } from '../lib/language-names.ts';
import { useNow } from '../lib/now.ts';
import { useLounge } from '../lounges/lounges.ts';
import { Badge } from '../ui/Badge.tsx';
import { waitName } from './wait-name.ts';

/** What moderators have set in a room, beside its name. */
export function RoomStateBadges({ state: { room } }: { state: RoomState }) {
  const now = useNow();
  const { slowMode, lockedAt, readOnly, raidUntil } = room.moderation;
  return (
    <>
      {lockedAt !== null && <Badge look="bad">Locked</Badge>}
      {readOnly && <Badge>Read-only</Badge>}
      {slowMode > 0 && (
        <span title={`One message every ${waitName(slowMode)}`}>
          <Badge look="warn">Slow mode: {waitName(slowMode)}</Badge>
        </span>
      )}
      {raidUntil !== null && raidUntil > now && (
        <span title="Many have joined at once: what newcomers write waits for approval.">
          <Badge look="bad">Raid</Badge>
        </span>
      )}
    </>
  );
}

/** Where a language room belongs, and its language. */
export function LoungeName({ state: { room } }: { state: RoomState }) {
  const lounge = useLounge(room.lounge?.id ?? null);
  if (room.lounge === null) return null;
  return [lounge?.name, languageName(room.lounge.language)].filter((part) => part !== undefined).join(' · ');
}
