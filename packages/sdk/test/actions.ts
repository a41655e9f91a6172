/** Arbitrary things that happen in a room. */
import fc from 'fast-check';
import { ME, type ModelRoom } from './model-room.ts';

type Action = (room: ModelRoom) => void;

const person = fc.constantFrom(ME, 'ann', 'bob', 'user-1');
const someone = fc.nat(130).map((i) => `user-${i}`);
/** A message: the newest, or one further back. */
const back = fc.oneof(fc.nat(3), fc.nat(150));
const times = (count: number, action: (i: number) => void) => Array.from({ length: count }, (_, i) => action(i));

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: person.map(
      (who): Action =>
        (room) =>
          void room.send(who),
    ),
  },
  // Over the cap of the unread count, and back.
  {
    weight: 1,
    arbitrary: fc.nat(120).map(
      (count): Action =>
        (room) =>
          void times(count, () => room.send('ann')),
    ),
  },
  {
    weight: 2,
    arbitrary: back.map(
      (b): Action =>
        (room) =>
          room.edit(room.n - b),
    ),
  },
  {
    weight: 3,
    arbitrary: back.map(
      (b): Action =>
        (room) =>
          room.delete(room.n - b),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(person, back).map(
      ([who, b]): Action =>
        (room) =>
          room.read(who, room.n - b),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string().map(
      (name): Action =>
        (room) =>
          room.rename(name),
    ),
  },
  {
    weight: 2,
    arbitrary: person.map(
      (who): Action =>
        (room) =>
          room.join(who),
    ),
  },
  {
    weight: 1,
    arbitrary: person.map(
      (who): Action =>
        (room) =>
          room.leave(who),
    ),
  },
  {
    weight: 1,
    arbitrary: someone.map(
      (who): Action =>
        (room) =>
          room.leave(who),
    ),
  },
  {
    weight: 1,
    arbitrary: person.map(
      (who): Action =>
        (room) =>
          room.setRole(who, 'moderator'),
    ),
  },
  // Over the size up to which members are listed, and back.
  {
    weight: 1,
    arbitrary: fc.nat(130).map(
      (count): Action =>
        (room) =>
          void times(count, (i) => room.join(`user-${i}`)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(130).map(
      (count): Action =>
        (room) =>
          void times(count, (i) => room.leave(`user-${i}`)),
    ),
  },
);

export const actions = fc.array(action, { minLength: 1, maxLength: 25 });

/** What becomes of an event on its way. */
export const fates = fc.infiniteStream(fc.constantFrom('kept', 'kept', 'kept', 'lost', 'doubled', 'delayed'));
export type Fates = fc.Stream<string>;

/** The events as they may arrive: some lost, some twice, some after later ones. */
export function mangle<T>(events: readonly T[], fate: Fates): T[] {
  const arriving: T[] = [];
  let late: T[] = [];
  for (const event of events) {
    const [what] = fate.take(1);
    if (what === 'delayed') {
      late.push(event);
      continue;
    }
    if (what !== 'lost') arriving.push(event);
    if (what === 'doubled') arriving.push(event);
    if (what === 'kept') arriving.push(...late.splice(0));
  }
  late = late.toReversed();
  return [...arriving, ...late];
}
