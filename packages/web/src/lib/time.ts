/** Times as people read them, in the language and zone of the browser. */
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const shortWeekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortFull = new Intl.DateTimeFormat(undefined, { dateStyle: 'short' });
let [clock, exact] = clocks('auto');

function clocks(choice: ClockChoice): [Intl.DateTimeFormat, Intl.DateTimeFormat] {
  const cycle: Intl.DateTimeFormatOptions = choice === 'auto' ? {} : { hourCycle: choice === '12' ? 'h12' : 'h23' };
  return [
    new Intl.DateTimeFormat(undefined, { ...cycle, hour: 'numeric', minute: '2-digit' }),
    new Intl.DateTimeFormat(undefined, { ...cycle, dateStyle: 'full', timeStyle: 'short' }),
  ];
}

/** Whether hours are counted to 12 or to 24; `auto`: as the language has it. */
export type ClockChoice = 'auto' | '12' | '24';

/** From now on; what is shown already is not written anew. */
export function setClock(choice: ClockChoice): void {
  [clock, exact] = clocks(choice);
}

/** Days since 1970 in the local zone: equal for two times of the same day. */
export function dayNumber(at: number): number {
  const date = new Date(at);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

export const clockTime = (at: number) => clock.format(at);
export const exactTime = (at: number) => exact.format(at);

/** For the room list: the time today, then "Yesterday", the weekday for a week, and the date. */
export function shortTime(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days <= 0) return clock.format(at);
  if (days === 1) return 'Yesterday';
  if (days < 7) return shortWeekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? shortDay.format(at) : shortFull.format(at);
}

/** For the separators of history. */
export function dayTitle(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return weekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? dayAndMonth.format(at) : fullDay.format(at);
}

/** For what has no end: far beyond any life. */
export const FOREVER = Date.UTC(2500, 0);

/** "5 minutes ago", "yesterday": for when someone was last here. */
export function ago(at: number, now: number): string {
  const minutes = Math.max(0, Math.round((now - at) / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return relative.format(-minutes, 'minute');
  const hours = Math.round(minutes / 60);
  if (hours < 24) return relative.format(-hours, 'hour');
  return relative.format(dayNumber(at) - dayNumber(now), 'day');
}
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** The time of day in a zone; undefined where this browser does not know the zone. */
export function timeIn(timeZone: string, at: number): string | undefined {
  try {
    const { hourCycle } = clock.resolvedOptions();
    const options = { timeZone, weekday: 'short', hour: 'numeric', minute: '2-digit' } as const;
    return new Intl.DateTimeFormat(undefined, { ...options, ...(hourCycle && { hourCycle }) }).format(at);
  } catch {
    return undefined;
  }
}

/** "5 May 2026". */
export const dayOf = (at: number) => fullDay.format(at);

/** An hour of a day from the present one on, in the local zone. */
export function atHour(now: number, days: number, hour: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hour).getTime();
}

/** For inputs of type `datetime-local`: the local time to the minute. */
export function toLocalInput(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What such an input, or one of type `date` (the beginning of that day), holds; null when it is empty. */
export function fromLocalInput(value: string): number | null {
  if (value === '') return null;
  const at = new Date(value.includes('T') ? value : `${value}T00:00`).getTime();
  return Number.isNaN(at) ? null : at;
}
