import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Highlighted } from '../search/Highlighted.tsx';
import { Markdown } from './Markdown.tsx';
import { parseMarkdown, plainText, safeHref, textParts } from './markdown.ts';

const html = (body: string) =>
  renderToStaticMarkup(<Markdown body={body} />)
    .replace(/^<div class="markdown">/, '')
    .replace(/<\/div>$/, '');

test('the subset is rendered', () => {
  expect(html('**a** *b* `c`')).toBe('<p><strong>a</strong> <em>b</em> <code>c</code></p>');
  expect(html('```\na\n b\n```')).toBe('<pre tabindex="0"><code>a\n b</code></pre>');
  expect(html('- a\n- b')).toBe('<ul><li><p>a</p></li><li><p>b</p></li></ul>');
  expect(html('3. a')).toBe('<ol start="3"><li><p>a</p></li></ol>');
  expect(html('> a')).toBe('<blockquote><p>a</p></blockquote>');
  expect(html('a\nb')).toBe('<p>a\nb</p>');
});

test('what is not in the subset stays as it was typed', () => {
  expect(html('# a')).toBe('<p># a</p>');
  expect(html('<b>a</b>')).toBe('<p>&lt;b&gt;a&lt;/b&gt;</p>');
  expect(html('<script>alert(1)</script>')).toBe('<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>');
  expect(html('&amp;')).toBe('<p>&amp;amp;</p>');
  expect(html('a\n---')).toBe('<p>a\n---</p>');
  expect(html('![a](https://x.example/i.png)')).not.toContain('<img');
});

test('web addresses become links that give nothing away', () => {
  const link =
    '<a href="https://x.example/" title="https://x.example/" target="_blank" rel="noopener noreferrer nofollow">';
  expect(html('https://x.example/')).toBe(`<p>${link}https://x.example/</a></p>`);
  expect(html('[a](https://x.example/)')).toBe(`<p>${link}a</a></p>`);
});

test('no other address becomes a link', () => {
  for (const url of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    '/relative',
    '//x.example',
    'mailto:a@x.example',
  ]) {
    expect(safeHref(url)).toBeNull();
    expect(html(`[a](<${url}>)`)).not.toContain('href');
  }
});

test('bodies made to freeze the reader are shown as text', () => {
  for (const bomb of ['>'.repeat(8000), '- '.repeat(4000), '> - '.repeat(2000), '1. '.repeat(2000)]) {
    expect(parseMarkdown(bomb).children).toEqual([{ type: 'paragraph', children: [{ type: 'text', value: bomb }] }]);
  }
});

test('a preview is one line without marks', () => {
  expect(plainText('**a**\n\n- `b`\n- [c](https://x.example)')).toBe('a b c');
});

test('the text without marks is known by its place in the body', () => {
  for (const body of [
    '**bold** and `code`, [a link](https://x.example)',
    '- one\n- _two_\n\n> three **four**',
    'see https://x.example/a?b=c and www.x.example, a@x.example',
    'escaped \\*stars\\* and 😀 *after*',
    '```\ncode block\n```\nafter',
  ])
    for (const { text, from } of textParts(body).filter((part) => part.text !== ' '))
      expect(body.slice(from, from + text.length)).toBe(text);
  const shown = textParts('Buy **cheap** [watches](https://x.example)!').map(({ text }) => text);
  expect(shown.join('').trim()).toBe('Buy cheap watches!');
});

test('what was found is marked in the text without its marks', () => {
  const body = 'Buy **cheap** [watches](https://x.example)!';
  const of = (word: string) => [body.indexOf(word), body.indexOf(word) + word.length] as const;
  const found = (...words: string[]) => renderToStaticMarkup(<Highlighted body={body} ranges={words.map(of)} />);
  expect(found('watches', 'cheap')).toBe('Buy <mark>cheap</mark> <mark>watches</mark>! ');
  // In the address, which is not shown.
  expect(found('example')).toBe('Buy cheap watches! ');
  const long = `${'word '.repeat(60)}**needle**`;
  const at = long.indexOf('needle');
  expect(renderToStaticMarkup(<Highlighted body={long} ranges={[[at, at + 6]]} />)).toMatch(
    /^…\w* (word )+<mark>needle<\/mark> $/,
  );
});
