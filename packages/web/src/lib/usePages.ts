import { useCallback, useEffect, useState } from 'react';
import { messageOf } from './problems.ts';

interface Page<T> {
  items: readonly T[];
  nextCursor: string | null;
}

interface Pages<T> {
  /** null until the first page is there. */
  items: readonly T[] | null;
  problem: string | null;
  /** null when there is no more. */
  more: (() => void) | null;
  /** Takes out what is gone. */
  /** Begins anew, after a problem. */
  retry: () => void;
  remove: (isGone: (item: T) => boolean) => void;
}

/** A list by cursor. It begins anew when `load` changes: keep it the same with useCallback. */
export function usePages<T>(load: (cursor?: string) => Promise<Page<T>>): Pages<T> {
  const [pages, setPages] = useState<{ of: unknown; items: readonly T[]; nextCursor: string | null } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    load().then(
      (page) => {
        if (!current) return;
        setProblem(null);
        setPages({ of: load, ...page });
      },
      (thrown: unknown) => current && setProblem(messageOf(thrown)),
    );
    return () => {
      current = false;
    };
  }, [load, round]);

  const shown = pages?.of === load ? pages : null;
  const next = shown?.nextCursor;
  const more = useCallback(() => {
    if (next === null || next === undefined) return;
    load(next).then(
      (page) =>
        setPages((before) =>
          before?.of === load && before.nextCursor === next
            ? { of: load, items: [...before.items, ...page.items], nextCursor: page.nextCursor }
            : before,
        ),
      (thrown: unknown) => setProblem(messageOf(thrown)),
    );
  }, [load, next]);

  return {
    items: shown?.items ?? null,
    problem,
    retry: useCallback(() => setRound((before) => before + 1), []),
    more: typeof next === 'string' ? more : null,
    remove: (isGone) =>
      setPages((before) => before && { ...before, items: before.items.filter((item) => !isGone(item)) }),
  };
}
