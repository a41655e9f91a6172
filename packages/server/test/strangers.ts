/** People who meet strangers. */
import { randomUUID } from 'node:crypto';
import type { ClientEventInput, MatchState } from '@confab/protocol';
import { expect } from 'vitest';
import type { FakeClock } from '../src/platform/clock.ts';
import type { World } from './nodes.ts';
import type { Connected, Person } from './person.ts';

export type Matched = Extract<MatchState, { state: 'matched' }>;

export interface Stranger {
  person: Person;
  at: Connected;
}

/** Somebody old enough, connected. */
export async function ready(person: Person, url?: string): Promise<Stranger> {
  await person.call('confirmAge', { body: { ofAge: true } });
  return { person, at: await person.connect(url) };
}

/** Strangers of one server, who are brought together when the clock goes on: once every 250 ms. */
export class Lobby {
  readonly #world: Pick<World, 'person'>;
  readonly #clock: FakeClock;
  #present: Stranger[] = [];

  constructor(world: Pick<World, 'person'>, clock: FakeClock) {
    this.#world = world;
    this.#clock = clock;
  }

  /** Somebody new, who looks for nobody yet. */
  async stranger(role: 'guest' | 'user' = 'guest'): Promise<Stranger> {
    const one = await ready(await this.#world.person('stranger', role));
    this.#present.push(one);
    return one;
  }

  async two(role?: 'guest' | 'user'): Promise<[Stranger, Stranger]> {
    return [await this.stranger(role), await this.stranger(role)];
  }

  /** Two new people in a match, where nobody else waits for one. */
  async couple(role?: 'guest' | 'user'): Promise<[Stranger, Stranger, roomId: string]> {
    const [a, b] = await this.two(role);
    await Promise.all([find(a), find(b)]);
    await this.until(() => partner(a.at) === b.person.id && partner(b.at) === a.person.id);
    return [a, b, match(a.at).roomId];
  }

  /** Lets rounds go by until it is so. */
  until(test: () => boolean | Promise<boolean>, step = 250): Promise<void> {
    return goingOn(this.#clock, test, step);
  }

  /** Lets one round at least go by for everyone: two who want only each other come, and meet. */
  async aRound(): Promise<void> {
    const [a, b] = await this.two();
    const wishes = { languages: ['eo'], interests: [randomUUID().slice(0, 30)] };
    await Promise.all([find(a, wishes), find(b, wishes)]);
    await this.until(() => partner(a.at) === b.person.id && partner(b.at) === a.person.id);
    await Promise.all([a.at.ask('match:stop', {}), b.at.ask('match:stop', {})]);
  }

  /** Nobody is left to meet: all stop looking, or leave their match. */
  async empty(): Promise<void> {
    const stopping = this.#present.map(async ({ person }) => (await person.connect()).ask('match:stop', {}));
    this.#present = [];
    await Promise.all(stopping);
  }

  /** Somebody’s account is deleted or banned: `empty` does not ask them to stop. */
  gone(one: Stranger): void {
    this.#present = this.#present.filter((other) => other !== one);
  }
}

/** Moves the clock on by `step` ms, and again each time when what follows of it has been waited for, until it is so. */
async function goingOn(clock: FakeClock, test: () => boolean | Promise<boolean>, step: number): Promise<void> {
  let looks = 0;
  await expect
    .poll(
      async () => {
        // A round takes real time: people must not grow less choosy meanwhile.
        if (looks % 10 === 0) await clock.advance(step);
        looks += 1;
        return test();
      },
      { interval: 5 },
    )
    .toBe(true);
}

export function find({ at }: Stranger, wishes: ClientEventInput<'match:find'> = {}): Promise<MatchState> {
  return at.ask('match:find', wishes);
}

export function stateOf({ at }: Stranger): Promise<MatchState> {
  return at.ask('match:state', {});
}

/** Resolves once they were told that a match is over. */
export function ended({ at }: Stranger): Promise<void> {
  return at.until(
    ({ event, payload }: { event: string; payload: MatchState }) => event === 'match' && payload.state === 'ended',
  );
}

/** Somebody's message in the room of a match. */
export function write({ at }: Stranger, roomId: string) {
  return at.ask('message:send', { roomId, clientId: randomUUID(), body: 'Hello' });
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
