import { Star, StarOff } from 'lucide-react';
import { useCallback } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { usePages } from '../lib/usePages.ts';
import { MessageCard } from '../room/MessageCard.tsx';
import { IconButton } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { SubPage } from '../ui/SubPage.tsx';

/** What I starred, in all rooms. */
export function StarredPage() {
  const { items, problem, retry, more, remove } = usePages(
    useCallback(async (cursor?: string) => {
      const page = await client.stars(cursor === undefined ? {} : { cursor });
      return { items: page.messages, nextCursor: page.nextCursor };
    }, []),
  );
  return (
    <SubPage title="Starred">
      <PagedList
        label="Starred messages"
        items={
          items?.map((message) => (
            <MessageCard
              key={message.id}
              message={message}
              action={
                <IconButton
                  label="Remove star"
                  onClick={() =>
                    attempt(
                      client
                        .room(message.roomId)
                        .unstar(message.id)
                        .then(() => remove(({ id }) => id === message.id)),
                    )
                  }
                >
                  <StarOff size={17} aria-hidden />
                </IconButton>
              }
            />
          )) ?? null
        }
        problem={problem}
        onRetry={retry}
        more={more}
        empty={
          <EmptyState icon={<Star size={26} />} title="No stars yet" level="h2">
            Star a message to find it again. Only you see it.
          </EmptyState>
        }
      />
    </SubPage>
  );
}
