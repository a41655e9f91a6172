/** People who meet strangers. */
import type { MatchState } from '@confab/protocol';
import type { Connected, Person } from './person.ts';

export type Matched = Extract<MatchState, { state: 'matched' }>;

/** Somebody old enough, connected. */
export async function ready(person: Person, url?: string): Promise<{ person: Person; at: Connected }> {
  await person.call('confirmAge', { body: { ofAge: true } });
  return { person, at: await person.connect(url) };
}

/** What a connection was told of strangers, in order. */
export function told(at: Connected): MatchState[] {
  return at.events.filter(({ event }) => event === 'match').map(({ payload }) => payload as MatchState);
}

/** The last of it. */
export function last(at: Connected): MatchState | undefined {
  return told(at).at(-1);
}

/** With whom, where they are in a match as far as they were told. */
export function partner(at: Connected): string | null {
  const state = last(at);
  return state?.state === 'matched' ? state.user.id : null;
}

/** Where they are in a match. @throws Error when they were not told of one */
export function match(at: Connected): Matched {
  const state = last(at);
  if (state?.state !== 'matched') throw new Error(`not in a match: ${JSON.stringify(state)}`);
  return state;
}
