/** What may happen in a run of the model test, as plain data: so that a failing run can be printed, replayed and shrunk. */
import fc from 'fast-check';

/** People of a run, and the devices of each. */
export const DEVICES = [2, 2, 1, 1] as const;

/** Who acts, by which of their devices; `rest`: over HTTP although the device is connected. */
export interface By {
  person: number;
  device: number;
  rest: boolean;
}
/** Numbers name a thing among those that there are, counted from the newest, modulo their number. */
export type Command = { by: By } & (
  | { do: 'send'; room: number; mention: 'nobody' | 'person' | 'room'; whom: number; reply: number | null }
  | { do: 'retry'; room: number; message: number; other: boolean }
  | { do: 'burst'; room: number; count: number }
  | { do: 'edit'; room: number; message: number; mention: boolean }
  | { do: 'delete'; room: number; message: number }
  | { do: 'react'; room: number; message: number; emoji: string; on: boolean }
  | { do: 'star'; room: number; message: number; on: boolean }
  | { do: 'read'; room: number; back: number }
  | { do: 'mark'; room: number; unread: boolean }
  | { do: 'add'; room: number; whom: number }
  | { do: 'join'; room: number }
  | { do: 'remove'; room: number; whom: number }
  | { do: 'promote'; room: number; whom: number; role: 'admin' | 'moderator' | 'member' }
  | { do: 'thread'; room: number; message: number }
  | { do: 'hold'; room: number; on: boolean }
  | { do: 'decide'; room: number; message: number; approve: boolean }
  | { do: 'takeBack'; room: number }
  | { do: 'block'; whom: number; on: boolean }
  | { do: 'end'; room: number }
  | { do: 'open'; room: number }
  | { do: 'hear'; fates: Fate[] }
  | { do: 'drop' }
  | { do: 'resume'; node: number }
);

/** What becomes of an event on its way to a device. */
export type Fate = 'kept' | 'lost' | 'doubled' | 'swapped' | 'late';

const by: fc.Arbitrary<By> = fc
  .record({ person: fc.nat(DEVICES.length - 1), device: fc.nat(1), rest: fc.integer({ min: 0, max: 3 }) })
  .map(({ rest, ...who }) => ({ ...who, rest: rest === 3 }));
const room = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(5) });
const message = fc.nat(6);
const reply: fc.Arbitrary<number | null> = fc.option(message, { freq: 2 });
const whom = fc.nat(DEVICES.length - 1);
const fates = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fate>('kept') },
    { weight: 5, arbitrary: fc.constantFrom<Fate[]>('lost', 'doubled', 'swapped', 'late') },
  ),
  { maxLength: 12 },
);

const kinds: [number, fc.Arbitrary<Command>][] = [
  [
    9,
    fc.record({
      do: fc.constant('send' as const),
      by,
      room,
      mention: fc.constantFrom('nobody' as const, 'nobody' as const, 'person' as const, 'room' as const),
      whom,
      reply,
    }),
  ],
  [3, fc.record({ do: fc.constant('retry' as const), by, room, message, other: fc.boolean() })],
  [1, fc.record({ do: fc.constant('burst' as const), by, room, count: fc.integer({ min: 2, max: 8 }) })],
  [3, fc.record({ do: fc.constant('edit' as const), by, room, message, mention: fc.boolean() })],
  [3, fc.record({ do: fc.constant('delete' as const), by, room, message })],
  [
    3,
    fc.record({
      do: fc.constant('react' as const),
      by,
      room,
      message,
      emoji: fc.constantFrom('👍', '🎉', '👨‍👩‍👧'),
      on: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
    }),
  ],
  [2, fc.record({ do: fc.constant('star' as const), by, room, message, on: fc.boolean() })],
  [4, fc.record({ do: fc.constant('read' as const), by, room, back: fc.nat(4) })],
  [1, fc.record({ do: fc.constant('mark' as const), by, room, unread: fc.boolean() })],
  [2, fc.record({ do: fc.constant('add' as const), by, room, whom })],
  [2, fc.record({ do: fc.constant('join' as const), by, room })],
  [3, fc.record({ do: fc.constant('remove' as const), by, room, whom })],
  [
    1,
    fc.record({
      do: fc.constant('promote' as const),
      by,
      room,
      whom,
      role: fc.constantFrom('admin' as const, 'moderator' as const, 'member' as const),
    }),
  ],
  [3, fc.record({ do: fc.constant('thread' as const), by, room, message })],
  [2, fc.record({ do: fc.constant('hold' as const), by, room, on: fc.boolean() })],
  [4, fc.record({ do: fc.constant('decide' as const), by, room, message, approve: fc.boolean() })],
  [1, fc.record({ do: fc.constant('takeBack' as const), by, room })],
  [2, fc.record({ do: fc.constant('block' as const), by, whom, on: fc.boolean() })],
  [1, fc.record({ do: fc.constant('open' as const), by, room })],
  [8, fc.record({ do: fc.constant('hear' as const), by, fates })],
  [3, fc.record({ do: fc.constant('drop' as const), by })],
  [3, fc.record({ do: fc.constant('resume' as const), by, node: fc.nat(1) })],
];
const rare: fc.Arbitrary<Command> = fc.record({ do: fc.constant('end' as const), by, room });

const command = fc.oneof(
  { weight: 1, arbitrary: rare },
  ...kinds.map(([weight, arbitrary]) => ({ weight: weight * 3, arbitrary })),
);

/** One run: 30 commands on average. */
export const commands = fc.array(command, { minLength: 1, maxLength: 60, size: 'max' });

/** The events as they arrive, and those that arrive later still. */
export function mangle<T>(events: readonly T[], fates: readonly Fate[]): { now: T[]; later: T[] } {
  const now: T[] = [];
  const later: T[] = [];
  events.forEach((event, i) => {
    const fate = fates[i] ?? 'kept';
    if (fate === 'late') later.push(event);
    else if (fate === 'swapped') now.splice(Math.max(0, now.length - 1), 0, event);
    else if (fate !== 'lost') now.push(event);
    if (fate === 'doubled') now.push(event);
  });
  return { now, later };
}
