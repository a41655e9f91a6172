import type { Message, OutboxItem } from '@confab/sdk';

/** What can be done with a message of the history. `anchor`: where what opens should be. */
export interface RowActions {
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  /** Everything else that can be done with it. */
  menu: (message: Message, anchor: DOMRect) => void;
  /** Choose a reaction. */
  pick: (message: Message, anchor: DOMRect) => void;
  react: (message: Message, emoji: string, on: boolean) => void;
  /** Back into the composer, what could not be sent. */
  rewrite: (item: OutboxItem) => void;
  /** Its thread; null in threads, and for guests. */
  thread: ((message: Message) => void) | null;
  /** Scrolls to it, wherever in the history it is. */
  show: (n: number) => void;
  /** Who wrote it. */
  person: (userId: string) => void;
}
