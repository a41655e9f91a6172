import { readItem, writeItem } from '../lib/storage.ts';

const key = (roomId: string) => `draft.${roomId}`;

/** What was being written in a room, on this device. */
export const readDraft = (roomId: string) => readItem(key(roomId)) ?? '';
export const writeDraft = (roomId: string, text: string) => writeItem(key(roomId), text === '' ? null : text);
