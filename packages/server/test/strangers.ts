/** People who meet strangers. */
import type { MatchState } from '@confab/protocol';
import { expect } from 'vitest';
import type { FakeClock } from '../src/platform/clock.ts';
import type { World } from './nodes.ts';
import type { Connected, Person } from './person.ts';

export type Matched = Extract<MatchState, { state: 'matched' }>;

interface Stranger {
  person: Person;
  at: Connected;
}

/** Somebody old enough, connected. */
export async function ready(person: Person, url?: string): Promise<Stranger> {
  await person.call('confirmAge', { body: { ofAge: true } });
  return { person, at: await person.connect(url) };
}

/** Two new people in a match, where nobody else waits for one: `clock` goes on until they are. */
export async function couple(
  world: Pick<World, 'person'>,
  clock: FakeClock,
): Promise<{ a: Stranger; b: Stranger; roomId: string }> {
  const [a, b] = [await ready(await world.person('stranger')), await ready(await world.person('stranger'))];
  await a.at.ask('match:find', {});
  await b.at.ask('match:find', {});
  await expect
    .poll(
      async () => {
        await clock.advance(250);
        return [partner(a.at), partner(b.at)];
      },
      { interval: 5 },
    )
    .toEqual([b.person.id, a.person.id]);
  return { a, b, roomId: match(a.at).roomId };
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
