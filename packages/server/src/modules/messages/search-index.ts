import type { RoomTx } from '../rooms/index.ts';
import type { MessageRow } from './rows.ts';

/** Makes messages findable, in the transaction that stores or changes them. */
export async function indexMessages(_tx: RoomTx, _rows: readonly MessageRow[]): Promise<void> {}
