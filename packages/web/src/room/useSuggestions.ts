import type { RoomState } from '@confab/sdk';
import { type KeyboardEvent, useState } from 'react';
import { commandSuggestions } from '../commands/commands.ts';
import { openMention } from '../mentions/split.ts';
import { type Suggestion, useMentionables } from '../mentions/useMentionables.ts';

interface Suggestions {
  list: readonly Suggestion[];
  current: number;
  /** The text with the suggestion in place, and where the caret goes. */
  apply: (suggestion: Suggestion) => { text: string; caret: number };
  /** Whether the key was for the list; a suggestion when it chose one. */
  onKey: (event: KeyboardEvent) => Suggestion | boolean;
}

/** People and commands that may be meant at the caret. */
export function useSuggestions(state: RoomState, text: string, caret: number): Suggestions {
  const mention = openMention(text, caret);
  const command = /^\/([a-z]*)$/.exec(text.slice(0, caret))?.[1];
  const at = mention ? `${mention.from}:${mention.query}` : (command ?? '');
  const [chosen, setChosen] = useState({ at, index: 0, dismissed: false });
  const { index, dismissed } = chosen.at === at ? chosen : { index: 0, dismissed: false };
  const people = useMentionables(state, mention?.query ?? null);
  const commands = command === undefined ? [] : commandSuggestions(state, command);
  const list = dismissed ? [] : mention ? people : commands;
  const current = Math.min(index, list.length - 1);

  function apply({ insert }: Suggestion) {
    const from = mention?.from ?? 0;
    return { text: text.slice(0, from) + insert + text.slice(caret), caret: from + insert.length };
  }

  function onKey(event: KeyboardEvent): Suggestion | boolean {
    const suggestion = list[current];
    if (!suggestion || event.shiftKey) return false;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : list.length - 1;
      setChosen({ at, index: (current + step) % list.length, dismissed: false });
      return true;
    }
    if (event.key === 'Escape') {
      setChosen({ at, index: 0, dismissed: true });
      return true;
    }
    // A command that stands there in full is carried out by Enter.
    const whole = text === suggestion.insert.trimEnd() && suggestion.insert.startsWith('/');
    return event.key === 'Tab' || (event.key === 'Enter' && !whole) ? suggestion : false;
  }
  return { list, current, apply, onKey };
}
