import type { SearchRequest } from '@confab/sdk';
import { fromLocalInput } from '../lib/time.ts';

type Has = NonNullable<SearchRequest['has']>;
export const HAS: readonly (readonly [Has | '', string])[] = [
  ['', 'Anything'],
  ['link', 'A link'],
  ['file', 'A file'],
  ['image', 'A picture'],
  ['poll', 'A poll'],
];

/** What the query of the address asks for; null while there are no words. What makes no sense in it is left out. */
export function readRequest(params: URLSearchParams): SearchRequest | null {
  const q = params.get('q')?.trim() ?? '';
  if (q === '') return null;
  const id = (name: string) => /^[0-9a-f-]{36}$/.exec(params.get(name) ?? '')?.[0];
  const roomId = id('room');
  const from = id('from');
  const after = fromLocalInput(params.get('after') ?? '');
  const before = fromLocalInput(params.get('before') ?? '');
  const has = HAS.find(([name]) => name !== '' && name === params.get('has'))?.[0];
  return {
    q: q.slice(0, 200),
    ...(roomId !== undefined && { roomId }),
    ...(from !== undefined && { from }),
    ...(after !== null && { after }),
    ...(before !== null && { before }),
    ...(has !== undefined && has !== '' && { has }),
    ...(params.has('me') && { mentionsMe: true }),
  };
}
