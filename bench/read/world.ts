/** A made-up instance: who is in which room, and how much is said where. The same seed gives the same one. */

export interface Size {
  users: number;
  rooms: number;
  messages: number;
}

export interface BenchRoom {
  id: string;
  /** In which script people write there. */
  script: 'latin' | 'han';
  messages: number;
  /** Indexes of users. */
  members: number[];
}

export interface World {
  users: { id: string; username: string; rooms: number[] }[];
  rooms: BenchRoom[];
  random: Random;
}

/** Uniform in [0, 1); mulberry32. */
export type Random = () => number;

function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The largest share of all messages that one room has. */
const HOTTEST = 0.05;

/**
 * A few hot rooms of 5 % of all messages each, and a long tail. People are in 5 to 300 rooms, most in few, and rather
 * where much is said. One room in ten writes Chinese.
 */
export function makeWorld({ users, rooms, messages }: Size, seed: number): World {
  const random = seeded(seed);
  const sizes = roomSizes(rooms, messages);
  const world: World = {
    users: Array.from({ length: users }, (_, i) => ({ id: uuid(random), username: `user${i}`, rooms: [] })),
    rooms: sizes.map((size, i) => ({
      id: uuid(random),
      script: i % 10 === 7 ? 'han' : 'latin',
      messages: size,
      members: [],
    })),
    random,
  };
  for (const [u, user] of world.users.entries()) {
    const count = Math.min(rooms, 5 + Math.floor(296 * random() ** 6));
    const chosen = new Set<number>();
    // Low indexes are hot rooms: the square favours them.
    while (chosen.size < count) chosen.add(Math.floor(rooms * random() ** 2));
    user.rooms = [...chosen];
    for (const r of chosen) world.rooms[r]?.members.push(u);
  }
  return world;
}

function roomSizes(rooms: number, messages: number): number[] {
  const most = Math.floor(messages * HOTTEST);
  const sized = (scale: number) =>
    Array.from({ length: rooms }, (_, i) => Math.min(most, Math.floor(scale / (i + 1) ** 0.9)));
  const sum = (sizes: number[]) => sizes.reduce((a, b) => a + b, 0);
  let [low, high] = [0, messages * rooms];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (sum(sized(middle)) < messages) low = middle;
    else high = middle;
  }
  return sized(high).map((size) => Math.max(size, 1));
}

export function uuid(random: Random): string {
  const hex = Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
