/** What every queue of people who want to meet somebody does, wherever it is kept. */
import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MatchQueue, Waiting } from './index.ts';

export function waiting(wishes: Partial<Waiting> = {}): Waiting {
  return {
    userId: randomUUID(),
    ticket: randomUUID(),
    since: 1_900_000_000_000,
    guest: false,
    meetGuests: false,
    languages: ['de', 'pt-BR'],
    interests: ['chess', 'ä 💬 "quoted"'],
    ...wishes,
  };
}

/** @param open a queue that nobody is in, of which nobody leads */
export function queueContract(name: string, open: () => Promise<MatchQueue>): void {
  describe(`a ${name} queue`, () => {
    async function opened(): Promise<MatchQueue> {
      const queue = await open();
      onTestFinished(() => queue.close());
      return queue;
    }

    test('whoever begins to lead is told everyone, from then on only what changed', async () => {
      const queue = await opened();
      const [ann, bob, cem] = [waiting(), waiting({ guest: true }), waiting({ meetGuests: true, languages: [] })];
      await queue.put(ann);
      await queue.put(bob);
      expect(await queue.poll()).toEqual({ anew: true, put: [ann, bob], gone: [] });
      expect(await queue.poll()).toEqual({ anew: false, put: [], gone: [] });
      await queue.put(cem);
      await queue.remove(ann.userId, ann.ticket);
      expect(await queue.poll()).toEqual({ anew: false, put: [cem], gone: [ann.userId] });
      expect(await queue.poll()).toEqual({ anew: false, put: [], gone: [] });
    });

    test('putting somebody in again replaces what they wished for, and nobody is in it twice', async () => {
      const queue = await opened();
      const ann = waiting();
      const other = { ...ann, languages: ['fr'] };
      await queue.put(ann);
      await queue.put(ann);
      await queue.put(other);
      expect(await queue.poll()).toEqual({ anew: true, put: [other], gone: [] });
    });

    test('a ticket that counts no more takes nobody out', async () => {
      const queue = await opened();
      const ann = waiting();
      const again = { ...ann, ticket: randomUUID() };
      await queue.put(ann);
      await queue.put(again);
      await queue.remove(ann.userId, ann.ticket);
      await queue.remove(randomUUID(), again.ticket);
      expect(await queue.poll()).toEqual({ anew: true, put: [again], gone: [] });
      await queue.remove(ann.userId, again.ticket);
      await queue.remove(ann.userId, again.ticket);
      expect(await queue.poll()).toEqual({ anew: false, put: [], gone: [ann.userId] });
    });

    test('who left and came back between two looks is in it, who came and left is not', async () => {
      const queue = await opened();
      const [ann, bob] = [waiting(), waiting()];
      await queue.put(ann);
      await queue.poll();
      await queue.remove(ann.userId, ann.ticket);
      const back = { ...ann, ticket: randomUUID() };
      await queue.put(back);
      await queue.put(bob);
      await queue.remove(bob.userId, bob.ticket);
      const changes = await queue.poll();
      expect(changes?.put).toEqual([back]);
      expect(changes?.gone).not.toContain(ann.userId);
    });

    test('thousands are told, each once', async () => {
      const queue = await opened();
      const people = Array.from({ length: 2500 }, () => waiting());
      await Promise.all(people.map((one) => queue.put(one)));
      const changes = await queue.poll();
      expect(changes?.put.map(({ userId }) => userId).toSorted()).toEqual(people.map((p) => p.userId).toSorted());
      await Promise.all(people.map((one) => queue.remove(one.userId, one.ticket)));
      expect((await queue.poll())?.gone).toHaveLength(2500);
    });
  });
}
