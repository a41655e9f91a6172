import type { Message } from '@confab/sdk';

/** What can be done with a message of the history. */
export interface RowActions {
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  remove: (message: Message) => void;
  /** Scrolls to it. */
  show: (message: Message) => void;
}
