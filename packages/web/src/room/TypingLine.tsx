import type { LiveRoom } from '@confab/sdk';
import { useSyncExternalStore } from 'react';
import { client, useClient } from '../lib/client.ts';
import { names } from '../lib/words.ts';

/** Who else is writing right now. */
export function TypingLine({ room }: { room: LiveRoom }) {
  const users = useSyncExternalStore(
    (changed) => room.subscribe(changed),
    () => room.typingUsers,
  );
  const text = useClient(() => {
    const people = users.map((id) => client.userById(id)?.name ?? 'Someone');
    return people.length === 0 ? '' : `${names(people)} ${people.length === 1 ? 'is' : 'are'} writing…`;
  });
  return (
    <p className="h-6 shrink-0 truncate px-4 text-sm text-muted sm:px-6" data-typing>
      <span className="mx-auto block max-w-4xl truncate pl-12">{text}</span>
    </p>
  );
}
