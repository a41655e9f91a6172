/** "1 member", "2 members". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`;
}

/** "A", "A and B", "A, B and 3 others". */
export function names(all: readonly string[], shown = 3): string {
  const rest = all.length - shown;
  if (rest > 1) return `${all.slice(0, shown).join(', ')} and ${count(rest, 'other')}`;
  return all.length < 2 ? all.join() : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => /./u.exec(word ?? '#')?.[0])
    .join('')
    .toUpperCase();
}

/** A hue that stays the same for an id, from steps far enough apart to be told from each other. */
export function hue(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
  return (sum % 12) * 30 + 15;
}
