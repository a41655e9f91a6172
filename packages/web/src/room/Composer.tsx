import { LIMITS, type LiveRoom, type Message, type PublicUser, type RoomState } from '@confab/sdk';
import { SendHorizontal } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { runCommand } from '../commands/commands.ts';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { useSettings } from '../lib/settings.ts';
import { optionId, SuggestionList } from '../mentions/SuggestionList.tsx';
import type { Suggestion } from '../mentions/useMentionables.ts';
import { toast } from '../ui/toasts.tsx';
import { ComposerContext } from './ComposerContext.tsx';
import { ComposerDialogs } from './ComposerDialogs.tsx';
import { AddMenu, SendMenu } from './ComposerMenus.tsx';
import type { ComposerMode } from './composer-mode.ts';
import { readDraft, writeDraft } from './drafts.ts';
import { useSlowMode } from './useSlowMode.ts';
import { useSuggestions } from './useSuggestions.ts';
import { countdown, waitName } from './wait-name.ts';

interface Props {
  room: LiveRoom;
  state: RoomState;
  title: string;
  mode: ComposerMode;
  /** A text that could not be sent, to be written anew: a new object each time. */
  rewritten: { text: string } | null;
  /** The author of the message that is answered. */
  quotedSender: PublicUser | undefined;
  onDone: () => void;
  /** The arrow up in an empty composer. */
  onEditLast: () => void;
}

const MAX_HEIGHT_PX = 240;
const COUNT_FROM = LIMITS.body - 500;

/** Mount it anew for each room. */
export function Composer({ room, state, title, mode, rewritten, quotedSender, onDone, onEditLast }: Props) {
  const [draft, setDraft] = useState(() => readDraft(room.id));
  const [edited, setEdited] = useState('');
  const [caret, setCaret] = useState(0);
  const [dialog, setDialog] = useState<'poll' | 'later' | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const caretTo = useRef<number | null>(null);
  const listId = useId();
  const enterSends = useSettings()?.chat.enterSends ?? true;
  const editing = mode.kind === 'edit';
  const text = editing ? edited : draft;
  const replyTo = mode.kind === 'reply' ? mode.to.id : null;
  const left = LIMITS.body - text.length;
  const wait = useSlowMode(room, state);
  const hasText = text.trim() !== '' && left >= 0;
  const sendable = hasText && (wait === 0 || editing);
  const suggestions = useSuggestions(state, text, caret);
  const suggesting = suggestions.list.length > 0;

  function setText(next: string) {
    if (editing) setEdited(next);
    else {
      setDraft(next);
      writeDraft(room.id, next);
      if (next.trim() !== '' && !next.startsWith('/')) room.typing();
    }
  }

  const [shownMode, setShownMode] = useState(mode);
  if (shownMode !== mode) {
    setShownMode(mode);
    if (mode.kind === 'edit') setEdited(mode.message.body);
  }

  const [shownRewritten, setShownRewritten] = useState(rewritten);
  if (rewritten !== null && shownRewritten !== rewritten) {
    setShownRewritten(rewritten);
    // What was being written meanwhile is kept.
    const next = [draft, rewritten.text].filter((part) => part.trim() !== '').join('\n');
    setDraft(next);
    writeDraft(room.id, next);
  }

  // With a keyboard at hand writing can begin at once; on a phone the keyboard would cover the history.
  useEffect(() => {
    if (mode.kind !== 'new' || matchMedia('(pointer: fine)').matches) box.current?.focus();
  }, [mode, rewritten]);

  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, MAX_HEIGHT_PX)}px`;
    if (caretTo.current !== null) area.setSelectionRange(caretTo.current, caretTo.current);
    caretTo.current = null;
  }, [text]);

  /** Puts text where the caret is. */
  function place(next: { text: string; caret: number }) {
    caretTo.current = next.caret;
    setText(next.text);
    setCaret(next.caret);
    box.current?.focus();
  }
  const pick = (suggestion: Suggestion) => place(suggestions.apply(suggestion));

  async function saveEdit(message: Message) {
    try {
      if (edited !== message.body) await room.edit(message.id, edited);
      onDone();
    } catch (thrown) {
      toast(messageOf(thrown));
    }
  }

  function submit() {
    if (!sendable) return;
    if (mode.kind === 'edit') {
      void saveEdit(mode.message);
      return;
    }
    try {
      const body = runCommand(room, draft);
      if (body !== null) room.send(body, { replyTo });
      sent();
    } catch (thrown) {
      toast(messageOf(thrown));
    }
  }

  function sent() {
    setDraft('');
    writeDraft(room.id, '');
    if (mode.kind === 'reply') onDone();
  }

  function onKeyDown(event: KeyboardEvent) {
    // Enter also ends the composition of an input method.
    if (event.nativeEvent.isComposing) return;
    const suggested = suggestions.onKey(event);
    if (suggested !== false) {
      event.preventDefault();
      if (suggested !== true) pick(suggested);
    } else if (
      event.key === 'Enter' &&
      !event.shiftKey &&
      !event.altKey &&
      enterSends !== (event.ctrlKey || event.metaKey)
    ) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape' && mode.kind !== 'new') {
      event.preventDefault();
      onDone();
    } else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault();
      onEditLast();
    }
  }

  return (
    <>
      <form
        className="shrink-0 px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6 sm:pb-5"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className="relative mx-auto max-w-4xl rounded-xl border border-edge bg-raised focus-within:border-accent focus-within:outline-1 focus-within:outline-accent">
          {suggesting && (
            <SuggestionList id={listId} suggestions={suggestions.list} current={suggestions.current} onPick={pick} />
          )}
          <ComposerContext mode={mode} quotedSender={quotedSender} onCancel={onDone} />
          <div className="flex items-end p-1">
            {!editing && (
              <AddMenu
                onPoll={() => setDialog('poll')}
                onEmoji={(emoji) =>
                  place({ text: text.slice(0, caret) + emoji + text.slice(caret), caret: caret + emoji.length })
                }
              />
            )}
            <textarea
              ref={box}
              rows={1}
              value={text}
              aria-label={editing ? 'Edit message' : `Message ${title}`}
              placeholder={editing ? 'Edit message' : `Message ${title}`}
              aria-autocomplete="list"
              aria-controls={suggesting ? listId : undefined}
              aria-activedescendant={suggesting ? optionId(listId, suggestions.current) : undefined}
              enterKeyHint={enterSends ? 'send' : 'enter'}
              onChange={(event) => {
                setText(event.target.value);
                setCaret(event.target.selectionEnd);
              }}
              onSelect={(event) => setCaret(event.currentTarget.selectionEnd)}
              onKeyDown={onKeyDown}
              className="max-h-60 min-h-10 flex-1 resize-none bg-transparent px-2 py-[0.5625rem] outline-none"
            />
            {left < LIMITS.body - COUNT_FROM && (
              <span
                className={`self-center px-1 text-xs tabular-nums ${left < 0 ? 'text-danger' : 'text-muted'}`}
                role="status"
              >
                {left}
                <span className="sr-only"> characters left</span>
              </span>
            )}
            {!editing && hasText && client.may('schedule') && <SendMenu onLater={() => setDialog('later')} />}
            <button
              type="submit"
              aria-label={editing ? 'Save' : wait > 0 ? undefined : 'Send'}
              title={editing ? 'Save' : wait > 0 ? `Slow mode: wait ${waitName(wait)}` : 'Send'}
              disabled={!sendable}
              className="flex h-10 min-w-10 shrink-0 items-center justify-center rounded-lg bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-transparent disabled:text-muted"
            >
              {wait > 0 && !editing ? (
                <span className="px-1 text-sm font-semibold tabular-nums">
                  <span className="sr-only">Send in </span>
                  {countdown(wait)}
                </span>
              ) : (
                <SendHorizontal size={19} aria-hidden />
              )}
            </button>
          </div>
        </div>
      </form>
      {dialog && (
        <ComposerDialogs
          kind={dialog}
          room={room}
          body={text}
          replyTo={replyTo}
          onScheduled={sent}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}
