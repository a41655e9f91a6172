const names = new Intl.DisplayNames(undefined, { type: 'language' });

/** A language tag as a word of the browser's language. */
export function languageName(tag: string): string {
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Those most spoken (ISO 639-1); those of the browser come to them. */
const OFFERED =
  'ar bg bn ca cs da de el en es et fa fi fr ga gu ha he hi hr hu id is it ja ka kk km ko lt lv mk ml mr ms my nb ne nl nn pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi yo zh zu';

/** Languages to choose from: tags and names, in the order of the names. */
export function offeredLanguages(): (readonly [tag: string, name: string])[] {
  return [...new Set([...navigator.languages.map(withoutVariants), ...OFFERED.split(' ')])]
    .map((tag) => [tag, languageName(tag)] as const)
    .toSorted(([, a], [, b]) => a.localeCompare(b));
}

// Languages of people are languages, scripts and regions.
function withoutVariants(tag: string): string {
  const { language, script, region } = new Intl.Locale(tag);
  return [language, script, region].filter((part) => part !== undefined).join('-');
}
