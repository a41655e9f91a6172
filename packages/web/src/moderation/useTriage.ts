/** Working through a list by single keys. They can be switched off, as WCAG 2.1.4 asks. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { readItem, writeItem } from '../lib/storage.ts';
import { useKeptFocus } from './useKeptFocus.ts';

const SETTING = 'moderation.keys';
const listeners = new Set<() => void>();
let on = readItem(SETTING) !== 'off';

export function setKeys(next: boolean): void {
  on = next;
  writeItem(SETTING, next ? null : 'off');
  for (const listener of listeners) listener();
}

export function useKeys(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => on,
  );
}

/** A key, what it does in words, and what it does. */
export interface Shortcut {
  key: string;
  does: string;
  run: () => void;
}

export interface Triage {
  /** Whose turn it is; null: the list is empty. */
  current: string | null;
  select: (id: string) => void;
  /** For each row: makes it the one that Tab comes to, and remembers it. */
  rowProps: (id: string) => {
    'data-row': string;
    tabIndex: number;
    'aria-current': 'true' | undefined;
    onFocus: () => void;
  };
  /** The one whose turn it is; where there is none, what says so (`data-empty`). */
  focusRow: () => void;
}

/** What is open beside the list, or over it. */
interface OpenOne {
  id: string;
  /** The keys open the next one in its place. */
  show: (id: string) => void;
}

/**
 * The place in a list. j and k (or the arrows, on a row) move it; where it goes away, the one that comes in its place has
 * the turn, and the focus if that would be lost.
 */
export function useTriage(ids: readonly string[], shortcuts: readonly Shortcut[], open: OpenOne | null = null): Triage {
  const [wanted, setWanted] = useState<{ id: string; index: number } | null>(null);
  const enabled = useKeys();
  const at =
    wanted === null ? 0 : ids.includes(wanted.id) ? ids.indexOf(wanted.id) : Math.min(wanted.index, ids.length - 1);
  const current = ids[at] ?? null;
  // The place, so that the next one is found when it goes away.
  if (wanted !== null && current !== null && (wanted.id !== current || wanted.index !== at))
    setWanted({ id: current, index: at });

  const select = useCallback((id: string) => setWanted({ id, index: ids.indexOf(id) }), [ids]);
  const focusRow = useCallback(() => {
    const row = current === null ? null : document.querySelector<HTMLElement>(`[data-row="${current}"]`);
    (row ?? document.querySelector<HTMLElement>('[data-empty]'))?.focus();
  }, [current]);

  useKeptFocus(focusRow);

  const live = useRef({ ids, turn: -1, shortcuts, open });
  // With the rows themselves: a key that follows at once finds them.
  useLayoutEffect(() => {
    // The first key comes to the first row.
    live.current = { ids, turn: wanted === null ? -1 : at, shortcuts, open };
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (!(target instanceof HTMLElement)) return;
      if (target.matches('input, textarea, select, [contenteditable]') || target.closest('dialog, [popover]')) return;
      const { ids: all, turn, shortcuts: known, open: opened } = live.current;
      const index = opened === null || !all.includes(opened.id) ? turn : all.indexOf(opened.id);
      const onRow = target.matches('[data-row]');
      const step = moveBy(event.key, onRow, enabled);
      const next = step === 0 ? undefined : all[Math.max(0, Math.min(all.length - 1, index + step))];
      const shortcut =
        step === 0 && (enabled || !isCharacter(event.key)) ? known.find(({ key }) => key === event.key) : undefined;
      if (next !== undefined) {
        setWanted({ id: next, index: all.indexOf(next) });
        if (opened === null) document.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus();
        else opened.show(next);
      } else if (shortcut && (shortcut.key !== 'Enter' || onRow)) shortcut.run();
      else return;
      event.preventDefault();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [enabled]);

  return {
    current,
    select,
    focusRow,
    rowProps: (id) => ({
      'data-row': id,
      tabIndex: id === current ? 0 : -1,
      'aria-current': id === current ? 'true' : undefined,
      onFocus: () => select(id),
    }),
  };
}

const isCharacter = (key: string) => key.length === 1;

function moveBy(key: string, onRow: boolean, enabled: boolean): number {
  if (enabled && key === 'j') return 1;
  if (enabled && key === 'k') return -1;
  if (!onRow) return 0;
  return key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
}
