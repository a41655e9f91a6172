import type { LiveRoom, Message } from '@confab/sdk';
import { ChartColumn, Check } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { exactTime } from '../lib/time.ts';
import { count, names } from '../lib/words.ts';
import { may, seatOf } from '../room/rights.ts';
import { classes } from '../ui/classes.ts';

type Poll = NonNullable<Message['poll']>;
interface Props {
  room: LiveRoom;
  message: Message;
  poll: Poll;
}

/** A poll: a click on an option votes, another one takes it back. */
export function PollCard({ room, message, poll }: Props) {
  useClient((known) => known.version);
  const now = useNow();
  const state = useSyncExternalStore(
    (changed) => room.subscribe(changed),
    () => room.state,
  );
  const myId = state?.me.userId ?? '';
  const mine = poll.anonymous
    ? (state?.me.votes[message.id] ?? [])
    : poll.options.flatMap(({ userIds }, index) => (userIds.includes(myId) ? [index] : []));
  const closed = poll.closedAt !== null || (poll.closesAt !== null && poll.closesAt <= now);
  const seat = state && seatOf(state);
  const writable = seat !== null && may('vote', seat) && !closed;
  const closable =
    !closed && seat !== null && client.may('closePoll') && (message.senderId === myId || may('closeAnyPoll', seat));

  function vote(index: number) {
    const chosen = mine.includes(index)
      ? mine.filter((other) => other !== index)
      : poll.multiple
        ? [...mine, index]
        : [index];
    attempt(room.vote(message.id, chosen));
  }

  return (
    <section aria-label={`Poll: ${poll.question}`} className="mt-1 max-w-lg rounded-xl border bg-surface p-4">
      <h3 className="flex items-start gap-2 font-semibold break-words">
        <ChartColumn size={18} className="mt-0.5 shrink-0 text-accent" aria-hidden />
        <span className="min-w-0">{poll.question}</span>
      </h3>
      <ul className="mt-3 space-y-2">
        {poll.options.map((option, index) => (
          <li key={option.text}>
            <Option
              option={option}
              share={poll.voters === 0 ? 0 : option.votes / poll.voters}
              chosen={mine.includes(index)}
              onVote={writable ? () => vote(index) : null}
            />
          </li>
        ))}
      </ul>
      <p className="mt-3 flex flex-wrap items-center gap-x-1.5 text-sm text-muted">
        {[
          count(poll.voters, 'vote'),
          poll.multiple && 'several answers possible',
          poll.anonymous && 'anonymous',
          closed ? 'closed' : poll.closesAt !== null && `closes ${exactTime(poll.closesAt)}`,
        ]
          .filter(Boolean)
          .join(' · ')}
        {closable && (
          <button
            type="button"
            className="ml-auto font-medium text-accent underline-offset-2 hover:underline"
            onClick={() => attempt(room.closePoll(message.id))}
          >
            Close poll
          </button>
        )}
      </p>
    </section>
  );
}

interface OptionProps {
  option: Poll['options'][number];
  /** Of those who voted. */
  share: number;
  chosen: boolean;
  onVote: (() => void) | null;
}

function Option({ option, share, chosen, onVote }: OptionProps) {
  const who = option.userIds.map((id) => client.userById(id)?.name ?? '…');
  const percent = Math.round(share * 100);
  return (
    <button
      type="button"
      aria-pressed={chosen}
      disabled={onVote === null}
      title={who.length > 0 ? names(who, 10) : undefined}
      onClick={() => onVote?.()}
      className={classes(
        'relative flex w-full items-center gap-2 overflow-hidden rounded-lg border bg-raised px-3 py-2 text-left',
        chosen ? 'border-accent' : onVote !== null && 'hover:border-edge',
      )}
    >
      <span
        aria-hidden
        className="absolute inset-y-0 left-0 bg-accent-soft transition-[width]"
        style={{ width: `${percent}%` }}
      />
      <span className="relative min-w-0 flex-1 break-words">{option.text}</span>
      {chosen && <Check size={16} className="relative shrink-0 text-accent" aria-hidden />}
      <span className="relative shrink-0 text-sm text-muted tabular-nums">
        {option.votes}
        <span className="sr-only">{option.votes === 1 ? ' vote' : ' votes'}</span>
      </span>
    </button>
  );
}
