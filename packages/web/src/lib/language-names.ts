const names = new Intl.DisplayNames(undefined, { type: 'language' });

/** A language tag as a word of the browser's language. */
export function languageName(tag: string): string {
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
