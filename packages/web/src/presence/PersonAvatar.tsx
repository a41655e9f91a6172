import type { ComponentProps } from 'react';
import { Avatar } from '../ui/Avatar.tsx';
import { classes } from '../ui/classes.ts';
import { statusNames, usePresence } from './usePresence.ts';

const looks = {
  online: 'bg-accent',
  away: 'bg-raised border-accent! border-[3px]!',
  dnd: 'bg-danger',
  offline: '',
} as const;

/** A person's picture with a dot that tells whether they are here. */
export function PersonAvatar(props: Omit<ComponentProps<typeof Avatar>, 'shape'>) {
  const presence = usePresence(props.id);
  const status = presence?.status ?? 'offline';
  return (
    <span className="relative inline-flex shrink-0">
      <Avatar {...props} />
      {status !== 'offline' && (
        <span
          title={statusNames[status]}
          className={classes(
            'absolute -right-0.5 -bottom-0.5 size-3 rounded-full border-2 border-surface',
            looks[status],
          )}
        >
          <span className="sr-only">{statusNames[status]}</span>
        </span>
      )}
    </span>
  );
}
