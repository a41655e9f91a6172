import type { SystemEvent } from '@confab/protocol';
import type { RoomTx } from './room-tx.ts';
import type { RoomRow } from './rows.ts';

/** Writes what happened into the room as a message of kind `system`. Belongs to messages, which own that table. */
export type Announce = (tx: RoomTx, room: RoomRow, event: SystemEvent) => Promise<void>;
