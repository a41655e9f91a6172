import type { Message } from '@confab/sdk';
import type { Parent, RootContent } from 'mdast';
import { memo, type ReactNode } from 'react';
import { Mentioned } from '../mentions/Mentioned.tsx';
import { parseMarkdown, safeHref } from './markdown.ts';

interface Props {
  body: string;
  /** Whom it mentions: their names stand out. */
  mentions?: Message['mentions'];
}

/** A message's body as React elements. Nothing of it is ever taken for HTML. */
export const Markdown = memo(function Markdown({ body, mentions }: Props) {
  return <div className="markdown">{children(parseMarkdown(body), mentions)}</div>;
});

const children = (node: Parent, mentions: Props['mentions']): ReactNode[] =>
  node.children.map((child, index) => element(child, index, mentions));

function element(node: RootContent, key: number, mentions: Props['mentions']): ReactNode {
  switch (node.type) {
    case 'text':
      return mentions && node.value.includes('@') ? (
        <Mentioned key={key} text={node.value} mentions={mentions} />
      ) : (
        node.value
      );
    case 'paragraph':
      return <p key={key}>{children(node, mentions)}</p>;
    case 'strong':
      return <strong key={key}>{children(node, mentions)}</strong>;
    case 'emphasis':
      return <em key={key}>{children(node, mentions)}</em>;
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
      return <blockquote key={key}>{children(node, mentions)}</blockquote>;
    case 'list':
      return node.ordered ? (
        <ol key={key} start={node.start ?? 1}>
          {children(node, mentions)}
        </ol>
      ) : (
        <ul key={key}>{children(node, mentions)}</ul>
      );
    case 'listItem':
      return <li key={key}>{children(node, mentions)}</li>;
    case 'break':
      return '\n';
    case 'link': {
      const href = safeHref(node.url);
      if (href === null) return <span key={key}>{children(node, mentions)}</span>;
      return (
        <a key={key} href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
          {children(node, undefined)}
        </a>
      );
    }
    default:
      return 'children' in node ? <span key={key}>{children(node, mentions)}</span> : null;
  }
}
