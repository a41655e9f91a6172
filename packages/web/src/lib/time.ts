/** Times as people read them, in the language and zone of the browser. */
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const shortWeekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortFull = new Intl.DateTimeFormat(undefined, { dateStyle: 'short' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

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
