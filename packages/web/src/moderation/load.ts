/** Calls whose answers name people and rooms: they are known from then on. */
import type { CallOutput, Case, CaseDetail } from '@confab/sdk';
import { client } from '../lib/client.ts';
import { learnRooms } from './places.ts';

export const CASE_LISTS = ['open', 'mine', 'taken', 'closed'] as const;
export type CaseList = (typeof CASE_LISTS)[number];
/** The present tense of a dossier. */
export type Moderated = CallOutput<'moderatedUser'>;
export type Held = CallOutput<'held'>['messages'][number];

const paged = (cursor: string | undefined) => ({ limit: '50', ...(cursor !== undefined && { cursor }) });

/** Open are those that nobody has taken; mine are those that I took, taken those that anybody did. */
export async function loadCases(
  list: CaseList,
  cursor?: string,
): Promise<{ items: Case[]; nextCursor: string | null }> {
  const state = list === 'open' || list === 'closed' ? list : 'assigned';
  const { cases, users, nextCursor } = await client.call('cases', {
    query: { state, ...(list === 'mine' && { mine: 'true' }), ...paged(cursor) },
  });
  client.learn(users);
  return { items: cases, nextCursor };
}

export async function loadCase(caseId: string): Promise<CaseDetail> {
  return learnCase(await client.call('case', { params: { caseId } }));
}

/** Takes in whom a case names. */
export function learnCase(detail: CaseDetail): CaseDetail {
  client.learn(detail.users);
  if (detail.evidence.room) learnRooms([detail.evidence.room]);
  return detail;
}

export async function loadHeld(cursor?: string): Promise<{ items: Held[]; nextCursor: string | null }> {
  const { messages, users, rooms, nextCursor } = await client.call('held', { query: paged(cursor) });
  client.learn(users);
  learnRooms(rooms);
  return { items: messages, nextCursor };
}

export async function loadAppeals(
  cursor?: string,
): Promise<{ items: CallOutput<'appeals'>['sanctions']; nextCursor: string | null }> {
  const { sanctions, users, nextCursor } = await client.call('appeals', { query: paged(cursor) });
  client.learn(users);
  return { items: sanctions, nextCursor };
}

export async function loadModerated(userId: string): Promise<Moderated> {
  const moderated = await client.call('moderatedUser', { params: { userId } });
  client.learn([moderated.user, ...moderated.users]);
  return moderated;
}
