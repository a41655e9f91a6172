/** Positions in lists of messages of many rooms, the newest first. */
import { badInput } from '@confab/protocol';

export interface Position {
  /** Epoch ms. */
  createdAt: number;
  roomId: string;
  n: number;
}

export function formatPosition({ createdAt, roomId, n }: Position): string {
  return `${createdAt}.${n}.${roomId}`;
}

/** @throws ProtocolError bad_input (cursor) */
export function parsePosition(cursor: string): Position {
  const match = /^(\d{1,15})\.(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  const [, createdAt, n, roomId] = match ?? [];
  if (createdAt === undefined || n === undefined || roomId === undefined) {
    throw badInput('cursor', 'is not a cursor of this list');
  }
  return { createdAt: Number(createdAt), n: Number(n), roomId };
}
