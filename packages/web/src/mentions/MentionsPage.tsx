import { AtSign } from 'lucide-react';
import { useCallback } from 'react';
import { client, useClient } from '../lib/client.ts';
import { usePages } from '../lib/usePages.ts';
import { MessageCard } from '../room/MessageCard.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { SubPage } from '../ui/SubPage.tsx';
import { MessageText } from './MessageText.tsx';

/** Where others mentioned me, the newest first. It loads again when a new mention arrives. */
export function MentionsPage() {
  const unread = useClient((known) => known.totals.mentions);
  const { items, problem, retry, more } = usePages(
    useCallback(
      async (cursor?: string) => {
        const page = await client.mentionsInbox(cursor === undefined ? {} : { cursor });
        return { items: page.messages, nextCursor: page.nextCursor };
      },
      // oxlint-disable-next-line react/exhaustive-deps
      [unread],
    ),
  );
  return (
    <SubPage title="Mentions">
      <PagedList
        label="Mentions"
        items={
          items?.map((message) => (
            <MessageCard key={message.id} message={message}>
              {!message.hidden && message.deletedAt === null && message.kind === 'text' && (
                <MessageText message={message} />
              )}
            </MessageCard>
          )) ?? null
        }
        problem={problem}
        onRetry={retry}
        more={more}
        empty={
          <EmptyState icon={<AtSign size={26} />} title="Nobody has mentioned you yet" level="h2">
            When someone writes your @username, or calls everyone in a room, you find it here.
          </EmptyState>
        }
      />
    </SubPage>
  );
}
