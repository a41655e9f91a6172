interface Part {
  value: string;
  /** The name it mentions, without the @; null for plain text. */
  name: string | null;
}

// As the server finds them.
const MENTION = /(?<![\p{L}\p{N}_@.])@([a-z0-9](?:[a-z0-9._]*[a-z0-9])?)/giu;

/** A text in parts, apart from each other where one of `names` is mentioned. */
export function splitMentions(text: string, names: ReadonlySet<string>): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(MENTION)) {
    const name = match[1]?.toLowerCase() ?? '';
    if (!names.has(name)) continue;
    if (match.index > from) parts.push({ value: text.slice(from, match.index), name: null });
    from = match.index + match[0].length;
    parts.push({ value: match[0], name });
  }
  if (from < text.length) parts.push({ value: text.slice(from), name: null });
  return parts;
}

/** What is being typed after an `@` right before the caret: where it begins, and the beginning of a name. */
export function openMention(text: string, caret: number): { from: number; query: string } | null {
  const match = /(?<![\p{L}\p{N}_@.])@([\p{L}\p{N}._]{0,30})$/u.exec(text.slice(0, caret));
  return match ? { from: match.index, query: (match[1] ?? '').toLowerCase() } : null;
}
