import type { Parent, RootContent } from 'mdast';
import { memo, type ReactNode } from 'react';
import { Mentioned, type Names } from '../mentions/Mentioned.tsx';
import { parseMarkdown, safeHref } from './markdown.ts';

/** A message's body as React elements, with names that stand out. Nothing of it is ever taken for HTML. */
export const Markdown = memo(function Markdown({ body, all = '', mine = '' }: { body: string } & Partial<Names>) {
  return <div className="markdown">{children(parseMarkdown(body), all === '' ? null : { all, mine })}</div>;
});

const children = (node: Parent, names: Names | null): ReactNode[] =>
  node.children.map((child, index) => element(child, index, names));

function element(node: RootContent, key: number, names: Names | null): ReactNode {
  switch (node.type) {
    case 'text':
      return names && node.value.includes('@') ? <Mentioned key={key} text={node.value} names={names} /> : node.value;
    case 'paragraph':
      return <p key={key}>{children(node, names)}</p>;
    case 'strong':
      return <strong key={key}>{children(node, names)}</strong>;
    case 'emphasis':
      return <em key={key}>{children(node, names)}</em>;
    case 'inlineCode':
      return <code key={key}>{node.value}</code>;
    case 'code':
      return (
        // Focusable, so that the keyboard can scroll what is wider than the screen.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre key={key} tabIndex={0}>
          <code>{node.value}</code>
        </pre>
      );
    case 'blockquote':
      return <blockquote key={key}>{children(node, names)}</blockquote>;
    case 'list':
      return node.ordered ? (
        <ol key={key} start={node.start ?? 1}>
          {children(node, names)}
        </ol>
      ) : (
        <ul key={key}>{children(node, names)}</ul>
      );
    case 'listItem':
      return <li key={key}>{children(node, names)}</li>;
    case 'break':
      return '\n';
    case 'link': {
      const href = safeHref(node.url);
      if (href === null) return <span key={key}>{children(node, names)}</span>;
      return (
        <a key={key} href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
          {children(node, null)}
        </a>
      );
    }
    default:
      return 'children' in node ? <span key={key}>{children(node, names)}</span> : null;
  }
}
