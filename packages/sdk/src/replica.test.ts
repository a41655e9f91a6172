import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { actions, fates, mangle } from '../test/actions.ts';
import { ME, ModelRoom } from '../test/model-room.ts';
import { fromSnapshot } from './reducer.ts';
import { Replica } from './replica.ts';

function setup() {
  const room = new ModelRoom();
  const clock = new FakeClock();
  const gaps: number[] = [];
  const told: number[] = [];
  const replica = new Replica({
    meId: ME,
    clock,
    onChange: (messages) => told.push(...messages.map((m) => m.n)),
    onGap: () => gaps.push(clock.now()),
  });
  replica.load(fromSnapshot(room.snapshot(), ME));
  const started = clock.now();
  return { room, clock, replica, told, gapsAt: () => gaps.map((at) => at - started) };
}

function repair(replica: Replica, room: ModelRoom): void {
  const what = replica.catchUp(room.changes(replica.state?.rev ?? 0, Infinity));
  if (what === 'reload') replica.load(fromSnapshot(room.snapshot(), ME));
}

describe('order', () => {
  test('events are applied in order of rev, whatever order they arrive in, each once', () => {
    fc.assert(
      fc.property(actions, fc.infiniteStream(fc.nat()), (acts, picks) => {
        const { room, replica } = setup();
        for (const act of acts) act(room);
        const left = [...room.events, ...room.events];
        while (left.length > 0) {
          const [event] = left.splice((picks.next().value ?? 0) % left.length, 1);
          if (event) replica.receive(event);
        }
        // What events alone cannot say (such as a count at its cap) the changes do.
        if (!replica.settled) repair(replica, room);
        expect(replica.state?.rev).toBe(room.rev);
        expect(replica.settled).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('a change that is late by less than 150 ms is no gap', async () => {
    const { room, clock, replica, told, gapsAt } = setup();
    for (let i = 0; i < 3; i += 1) room.send('ann');
    const [first, second, third] = room.events;
    if (!first || !second || !third) throw new Error('three events');
    replica.receive(third);
    replica.receive(second);
    await clock.advance(149);
    replica.receive(first);
    await clock.advance(1000);
    expect(told).toEqual([1, 2, 3]);
    expect(gapsAt()).toEqual([]);
  });

  test('a change that is missing after 150 ms is a gap, and the events after it wait for the changes', async () => {
    const { room, clock, replica, told, gapsAt } = setup();
    room.send('ann');
    room.send('ann');
    const [, second] = room.events;
    if (!second) throw new Error('two events');
    replica.receive(second);
    await clock.advance(1000);
    expect(gapsAt()).toEqual([150]);
    expect(replica.state?.rev).toBe(room.rev - 2);
    replica.catchUp(room.changes(room.rev - 2));
    expect(told).toEqual([1, 2]);
    expect(replica.settled).toBe(true);
  });
});

describe('an answer of the server', () => {
  test('while it is held, events wait; they are applied on top of the fresh state', () => {
    const { room, replica, told } = setup();
    replica.hold();
    room.send('ann');
    const snapshot = room.snapshot();
    room.send('ann');
    for (const event of room.events) replica.receive(event);
    expect(replica.state?.rev).toBe(snapshot.room.rev - 1);
    replica.load(fromSnapshot(snapshot, ME));
    expect(replica.state).toMatchObject({ rev: room.rev, unread: 2 });
    expect(told).toEqual([1, 2]);
  });

  test('released without one, the events that waited are applied', () => {
    const { room, replica, told } = setup();
    replica.hold();
    room.send('ann');
    for (const event of room.events) replica.receive(event);
    replica.release();
    expect(told).toEqual([1]);
  });

  test('events before the first state wait for it', () => {
    const room = new ModelRoom();
    const replica = new Replica({
      meId: ME,
      clock: new FakeClock(),
      onChange: () => undefined,
      onGap: () => undefined,
    });
    room.send('ann');
    const snapshot = room.snapshot();
    room.send('ann');
    for (const event of room.events) replica.receive(event);
    replica.load(fromSnapshot(snapshot, ME));
    expect(replica.state?.rev).toBe(room.rev);
  });
});

test('with events lost, doubled and late, and answers that take their time, the replica ends where the room is', async () => {
  await fc.assert(
    fc.asyncProperty(actions, fates, fc.infiniteStream(fc.nat(3)), async (acts, fate, delays) => {
      const room = new ModelRoom();
      const clock = new FakeClock();
      let asking = false;
      const replica: Replica = new Replica({
        meId: ME,
        clock,
        onChange: () => undefined,
        onGap() {
          if (asking) return;
          asking = true;
          // The answer is of the moment it is read at, and arrives later.
          const changes = room.changes(replica.state?.rev ?? 0, Infinity);
          clock.setTimeout(() => {
            asking = false;
            const what = replica.catchUp(changes);
            if (what === 'reload') replica.load(fromSnapshot(room.snapshot(), ME));
          }, 100);
        },
      });
      replica.load(fromSnapshot(room.snapshot(), ME));
      for (const act of acts) {
        const from = room.events.length;
        act(room);
        for (const event of mangle(room.events.slice(from), fate)) replica.receive(event);
        await clock.advance((delays.next().value ?? 0) * 60);
      }
      await clock.advance(1000);
      // The periodic check finds what was lost without a later event to show it.
      repair(replica, room);
      const fresh = fromSnapshot(room.snapshot(), ME);
      expect(replica.settled).toBe(true);
      expect(replica.state).toMatchObject({
        rev: fresh.rev,
        room: fresh.room,
        me: fresh.me,
        unread: fresh.unread,
        lastMessage: fresh.lastMessage,
        members: fresh.members,
      });
      expect(replica.state?.messages.slice(-50)).toEqual(fresh.messages);
    }),
    { numRuns: 60 },
  );
});
