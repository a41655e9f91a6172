/** Arbitrary things that happen in a room. */
import type { Mentions } from '@confab/protocol';
import fc from 'fast-check';
import { ME, type ModelRoom } from './model-room.ts';

type Action = (room: ModelRoom) => void;

const person = fc.constantFrom(ME, 'ann', 'bob', 'user-1');
const other = fc.constantFrom('ann', 'bob', 'user-1');
const someone = fc.nat(130).map((i) => `user-${i}`);
/** A message: the newest, or one further back. */
const back = fc.oneof(fc.nat(3), fc.nat(150));
const times = (count: number, action: (i: number) => void) => Array.from({ length: count }, (_, i) => action(i));
const mentions = fc.constantFrom<Mentions | undefined>(
  undefined,
  undefined,
  { userIds: [ME], everyone: null },
  { userIds: ['ann', ME], everyone: 'here' },
  { userIds: [], everyone: 'room' },
  { userIds: ['bob'], everyone: null },
);

/** One kind of action, with how often it happens compared with the others. */
function kind<T extends unknown[]>(weight: number, args: fc.Arbitrary<T>, act: (room: ModelRoom, ...args: T) => void) {
  return {
    weight,
    arbitrary: args.map(
      (given): Action =>
        (room) =>
          act(room, ...given),
    ),
  };
}
const { tuple } = fc;

const talk = [
  kind(6, tuple(person, mentions), (room, who, whom) => void room.send(who, whom)),
  // Over the cap of the unread count, and back.
  kind(1, tuple(fc.nat(120)), (room, count) => void times(count, () => room.send('ann'))),
  kind(1, tuple(person), (room, who) => room.announce(who)),
  kind(3, tuple(back, mentions), (room, b, whom) => room.edit(room.n - b, whom)),
  kind(3, tuple(back), (room, b) => room.delete(room.n - b)),
  kind(2, tuple(back), (room, b) => room.bumpThread(room.n - b)),
  kind(3, tuple(person, back), (room, who, b) => room.read(who, room.n - b)),
  kind(2, tuple(person, fc.boolean()), (room, who, markedUnread) => room.set(who, { markedUnread })),
  kind(1, tuple(person, fc.boolean()), (room, who, shares) => room.share(who, shares)),
  kind(1, tuple(fc.string()), (room, name) => room.rename(name)),
  kind(2, tuple(person), (room, who) => room.join(who)),
  kind(1, tuple(person), (room, who) => room.leave(who)),
  kind(1, tuple(someone), (room, who) => room.leave(who)),
  kind(1, tuple(person), (room, who) => room.setRole(who, 'moderator')),
  // Over the size up to which members are listed, and back.
  kind(1, tuple(fc.nat(130)), (room, count) => void times(count, (i) => room.join(`user-${i}`))),
  kind(1, tuple(fc.nat(130)), (room, count) => void times(count, (i) => room.leave(`user-${i}`))),
];
const list = { minLength: 1, maxLength: 25 };

/** Whatever comes about while a client holds the room. */
export const actions = fc.array(fc.oneof(...talk), list);
/** Also what makes it take the room afresh: other people are blocked. */
export const anyActions = fc.array(
  fc.oneof(
    ...talk,
    kind(2, tuple(other, fc.boolean()), (room, who, on) => room.block(who, on)),
  ),
  list,
);

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
