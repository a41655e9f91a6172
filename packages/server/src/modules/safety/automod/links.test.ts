/** Links that the web client makes of a text are found in it. What rules make of them is shown in triggers.test.ts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarkdown, safeHref } from '../../../../../web/src/room/markdown.ts';
import { findLinks, isInvite, isUnder } from './links.ts';

type Root = ReturnType<typeof parseMarkdown>;

/** Where the web client lets a reader go, by clicking. */
function clickable(text: string): string[] {
  const hosts: string[] = [];
  const walk = (node: Root | Root['children'][number]) => {
    const href = node.type === 'link' ? safeHref(node.url) : null;
    if (href !== null) hosts.push(new URL(href).hostname.replace(/\.$/, ''));
    if ('children' in node) node.children.forEach(walk);
  };
  walk(parseMarkdown(text));
  // Names without a dot lead nowhere on the web, nor do those that end in a sign.
  return hosts.filter((host) => /\.[a-z]+$/.test(host));
}
const missed = (text: string) => {
  const found = findLinks(text);
  return clickable(text).filter((host) => !found.some((link) => isUnder(link.host, new Set([host]))));
};

test.each([
  'look:www.evil.com',
  'hi!www.evil.com',
  'a|www.evil.com/x',
  'a=www.evil.com',
  'a&www.evil.com',
  'a/www.evil.com',
  'x+www.evil.com',
  'x~www.evil.com',
  'a*www.evil.com',
  '™www.evil.com',
  'www.%65vil.com',
  'www.evil%2ecom',
  'www.$x.evil.com',
  'www.a=b.evil.com/free',
  'www.*.evil.com',
  'www.~.evil.com/x',
  'www.a,b.evil.com',
  'http://known.org,x.evil.com',
  '_http://www.evil.com_@known.org',
  'www.>@%65vil.com',
  '[x](<http://known.org a@evil.com/>)',
  'http://a℀@evil.com',
  'www.evil.com.http://known.org',
  '[a[b](c)](http://known.org)b.evil.com',
  '`[b]`(http://known.org)b.evil.com',
])('a link is found wherever the client makes one: %s', (text) => {
  expect(clickable(text).join()).toMatch(/evil\.com\b/);
  expect(missed(text)).toEqual([]);
  expect(findLinks(text).some(({ host }) => isUnder(host, new Set(['evil.com'])))).toBe(true);
});

test.each(['evil｡com/x', 'evil․com/x', 'www｡evil｡com', 'see(evil․com)'])('and by any dot: %s', (text) => {
  expect(findLinks(text).map(({ host }) => host)).toContainEqual(expect.stringMatching(/^(?:www\.)?evil\.com$/));
});

/** What a browser leaves out of a host, or reads as less, by more of it than of any host is looked at. */
const NOTHINGS = ['\u00ad', '\u200b', '\ufe0f', '\u{e0100}', '\u3164'].flatMap((sign) => [
  sign,
  encodeURIComponent(sign),
]);
const padded = (sign: string) => sign.repeat(Math.ceil(400 / sign.length));

test.each(NOTHINGS)('and padded with any number of %j', (sign) => {
  const padding = padded(sign);
  for (const text of [
    `http://e${padding}vil.com`,
    `http://${padding}evil.com/x`,
    `http://known.org@evil${padding}.${padding}com${padding}`,
    `™www.ev${padding}il.com`,
    `http://${'a'.repeat(63)}.${padding}.evil.com`,
    `www.x${padding}%2eevil%2ecom`,
  ]) {
    const hosts = findLinks(text).map(({ host }) => host);
    expect(
      hosts.some((host) => isUnder(host, new Set(['evil.com']))),
      text.replaceAll(padding, '…'),
    ).toBe(true);
  }
});

test('and behind a label of bytes without a dot, wherever it is cut', () => {
  for (const before of ['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef']) {
    const text = `http://${before}${'%C3%A9'.repeat(46)}%2eevil%E3%80%82com`;
    expect(clickable(text)).toEqual([expect.stringMatching(/\.evil\.com$/)]);
    expect(missed(text)).toEqual([]);
  }
});

test('an invitation is one however its host is written', () => {
  for (const text of ['now!www.discord.gg/abc', 'www.discord%2egg/abc']) {
    expect(findLinks(text).some(isInvite), text).toBe(true);
  }
});

test('a link with a label ends with its bracket, and one in a sentence before what ends that', () => {
  for (const text of [
    '[x](http://known.org)和',
    '[a b](http://known.org)and',
    '(http://known.org).',
    'www.known.org!',
  ]) {
    expect(new Set(findLinks(text).map(({ host }) => host.replace(/^www\./, ''))), text).toEqual(
      new Set(['known.org']),
    );
  }
  expect(findLinks('www. is short for it; awww.so cute')).toEqual([]);
});

test('whatever is written: each link of the client is found, with its host', () => {
  const parts =
    `http:// https: HTTP:/ https:// http:\\ // \\ / www. WWW. evil . com .com evil.com known.org @ < > [a]( ) ( 。
    、 ， %2e %65 * _ \` ~ ' " , ; ! ? : | & # é İ ß :80 [::1] - … « [ ] ]( ](< >) ** \\. \\: \\/ ⅴ ﬁ x １ { } $ ^ = + ﾟ ٠ ① ㏄
    ™ ℀ ｡ ․`.split(/\s+/);
  const part = fc.constantFrom(
    ...parts,
    ...parts,
    '\t',
    '\u00ad',
    '\u200b',
    ' ',
    '\n',
    '\u3000',
    '\u0301',
    '𝐞',
    '\ufdfa',
  );
  expectNoneMissed(part, 14, 3000);
});

test('whatever is written between any number of signs that count for nothing', () => {
  const parts = 'http:// www. evil . com evil.com known.org @ / < > [a]( ) %2e %65 %E3%80%82 ™ é'.split(' ');
  const part = fc.constantFrom(...parts, ...parts, ...NOTHINGS.map(padded), '%C3%A9'.repeat(50), 'é'.repeat(50));
  expectNoneMissed(part, 10, 1000);
});

function expectNoneMissed(part: fc.Arbitrary<string>, maxLength: number, numRuns: number): void {
  const texts = fc.array(part, { minLength: 1, maxLength }).map((of) => of.join('').normalize('NFC').trim());
  fc.assert(
    fc.property(texts, (text) => {
      expect(missed(text)).toEqual([]);
    }),
    { numRuns, seed: 1 },
  );
}
