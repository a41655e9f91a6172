/** The Markdown of messages: emphasis, code, links, lists and quotes. No HTML, images, headings or tables. */
import type { Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';

const options = {
  extensions: [
    gfmAutolinkLiteral(),
    {
      // What is switched off stays in the text as it was typed.
      disable: {
        null: [
          'characterReference',
          'codeIndented',
          'definition',
          'headingAtx',
          'htmlFlow',
          'htmlText',
          'labelStartImage',
          'setextUnderline',
          'thematicBreak',
        ],
      },
    },
  ],
  mdastExtensions: [gfmAutolinkLiteralFromMarkdown()],
};

// Quotes and lists nested this deep in one line come from a cat on the keyboard or from someone who wants to freeze
// the reader's tab: parsing takes time quadratic in the depth.
const TOO_DEEP = /^(?:[ \t]*(?:[>*+-]|\d{1,9}[.)])){12}/m;

const KEPT = 500;
const cache = new Map<string, Root>();

/** The syntax tree of a message's body. Trees of recent bodies are kept. Never throws: what can't be parsed is text. */
export function parseMarkdown(body: string): Root {
  const known = cache.get(body);
  if (known) return known;
  const root = parse(body);
  const oldest = cache.keys().next();
  if (cache.size >= KEPT && !oldest.done) cache.delete(oldest.value);
  cache.set(body, root);
  return root;
}

function parse(body: string): Root {
  const asText: Root = { type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value: body }] }] };
  if (TOO_DEEP.test(body)) return asText;
  try {
    return fromMarkdown(body, options);
  } catch {
    return asText;
  }
}

/** One line of the body's text without its marks, for previews. */
export function plainText(body: string): string {
  return textOf(parseMarkdown(body).children).replace(/\s+/g, ' ').trim();
}

function textOf(nodes: readonly RootContent[]): string {
  return nodes
    .map((node) => {
      if ('value' in node) return node.value;
      if ('children' in node) return textOf(node.children) + (node.type === 'paragraph' ? ' ' : '');
      return ' ';
    })
    .join('');
}

/** A part of a body's text, and where it stands in the body, in UTF-16 code units. */
export interface TextPart {
  text: string;
  from: number;
}

/** The body's text without its marks, part by part, in order: for what is known by its place in the body. */
export function textParts(body: string): TextPart[] {
  const parts: TextPart[] = [];
  let known = 0;
  const walk = (nodes: readonly RootContent[]) => {
    for (const node of nodes) {
      // Links that were not marked as such are without a place.
      const from = node.position?.start.offset ?? known;
      if ('value' in node) {
        // Of code the marks come first; what was escaped is shorter than it was typed, and is shown as it was typed.
        const to = node.position?.end.offset ?? body.length;
        const at = body.indexOf(node.value, from);
        const found = at !== -1 && at + node.value.length <= to;
        parts.push(found ? { text: node.value, from: at } : { text: body.slice(from, to), from });
        known = found ? at + node.value.length : to;
      } else if ('children' in node) {
        walk(node.children);
        if (BLOCKS.has(node.type)) parts.push({ text: ' ', from: node.position?.end.offset ?? from });
      } else parts.push({ text: ' ', from });
    }
  };
  walk(parseMarkdown(body).children);
  return parts;
}
const BLOCKS: ReadonlySet<string> = new Set(['paragraph', 'listItem', 'blockquote']);

/** The address to link to, or null where it is none of the web: `javascript:`, `data:` and relative ones. */
export function safeHref(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
