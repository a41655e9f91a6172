import type { KeyboardEvent } from 'react';

/** Arrow keys walk through the messages of the log; the message in focus shows its actions. */
export function moveFocus(event: KeyboardEvent): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
  const log = event.currentTarget;
  const target = event.target;
  if (!(target instanceof HTMLElement) || (target !== log && !target.matches('[data-n]'))) return;
  const rows = [...log.querySelectorAll<HTMLElement>('[data-n]')];
  const bottom = log.getBoundingClientRect().bottom;
  const from =
    target === log
      ? rows.findLastIndex((row) => row.getBoundingClientRect().top < bottom - 20) + (event.key === 'ArrowUp' ? 1 : -1)
      : rows.indexOf(target);
  const next = rows[from + (event.key === 'ArrowUp' ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}
