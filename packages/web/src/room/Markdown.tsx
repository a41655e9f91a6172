import type { Parent, RootContent } from 'mdast';
import { memo, type ReactNode } from 'react';
import { parseMarkdown, safeHref } from './markdown.ts';

/** A message's body as React elements. Nothing of it is ever taken for HTML. */
export const Markdown = memo(function Markdown({ body }: { body: string }) {
  return <div className="markdown">{children(parseMarkdown(body))}</div>;
});

const children = (node: Parent): ReactNode[] => node.children.map((child, index) => element(child, index));

function element(node: RootContent, key: number): ReactNode {
  switch (node.type) {
    case 'text':
      return node.value;
    case 'paragraph':
      return <p key={key}>{children(node)}</p>;
    case 'strong':
      return <strong key={key}>{children(node)}</strong>;
    case 'emphasis':
      return <em key={key}>{children(node)}</em>;
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
      return <blockquote key={key}>{children(node)}</blockquote>;
    case 'list':
      return node.ordered ? (
        <ol key={key} start={node.start ?? 1}>
          {children(node)}
        </ol>
      ) : (
        <ul key={key}>{children(node)}</ul>
      );
    case 'listItem':
      return <li key={key}>{children(node)}</li>;
    case 'break':
      return '\n';
    case 'link': {
      const href = safeHref(node.url);
      if (href === null) return <span key={key}>{children(node)}</span>;
      return (
        <a key={key} href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
          {children(node)}
        </a>
      );
    }
    default:
      return 'children' in node ? <span key={key}>{children(node)}</span> : null;
  }
}
