import { useCallback, useEffect, useRef, useState } from 'react';
import { messageOf } from '../lib/problems.ts';

interface Page<T> {
  items: readonly T[];
  nextCursor: string | null;
}

export interface Queue<T> {
  /** null until it is there. */
  items: readonly T[] | null;
  problem: string | null;
  /** null when there is no more. */
  more: (() => void) | null;
  /** Looks again; what is shown stays until the answer is there. */
  refresh: () => void;
  change: (edit: (items: readonly T[]) => readonly T[]) => void;
}

/**
 * What waits, by cursor. Unlike other lists it is kept while it is asked for again, so that nobody loses their place. It
 * begins anew when `load` changes: keep it the same with useCallback.
 */
export function useQueue<T>(load: (cursor?: string) => Promise<Page<T>>): Queue<T> {
  const [shown, setShown] = useState<{ of: unknown; page: Page<T> } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const current = shown?.of === load ? shown.page : null;
  const held = useRef(0);
  useEffect(() => {
    held.current = current?.items.length ?? 0;
  });

  useEffect(() => {
    let over = false;
    async function again(): Promise<Page<T>> {
      const wanted = held.current;
      let page = await load();
      // As much as was shown before.
      while (page.nextCursor !== null && page.items.length < wanted) {
        const next = await load(page.nextCursor);
        page = { items: [...page.items, ...next.items], nextCursor: next.nextCursor };
      }
      return page;
    }
    again().then(
      (page) => {
        if (over) return;
        setProblem(null);
        setShown({ of: load, page });
      },
      (thrown: unknown) => over || setProblem(messageOf(thrown)),
    );
    return () => {
      over = true;
    };
  }, [load, round]);

  const cursor = current?.nextCursor ?? null;
  const more = useCallback(() => {
    if (cursor === null) return;
    load(cursor).then(
      (next) =>
        setShown((before) =>
          before?.of === load && before.page.nextCursor === cursor
            ? { of: load, page: { items: [...before.page.items, ...next.items], nextCursor: next.nextCursor } }
            : before,
        ),
      (thrown: unknown) => setProblem(messageOf(thrown)),
    );
  }, [load, cursor]);
  const refresh = useCallback(() => setRound((before) => before + 1), []);
  const change = useCallback(
    (edit: (items: readonly T[]) => readonly T[]) =>
      setShown((before) => before && { ...before, page: { ...before.page, items: edit(before.page.items) } }),
    [],
  );
  return { items: current?.items ?? null, problem, more: cursor === null ? null : more, refresh, change };
}
