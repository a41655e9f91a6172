/** Slash commands: what someone types instead of a message. Parsing and the list are here; acting is the client's. */
import type { RoomKind } from '@confab/protocol';

export interface CommandSpec {
  readonly name: string;
  /** What follows the name, for people: `[…]` may be left out. */
  readonly usage: string;
  readonly summary: string;
  /** In which rooms it makes sense; in all unless told. */
  readonly rooms?: readonly RoomKind[];
  /** A command that becomes a message: its Markdown, with what was typed in place of `%s`. */
  readonly body?: string;
}

const MANAGED: readonly RoomKind[] = ['group', 'public'];

/** In the order in which they are offered. */
export const COMMANDS: readonly CommandSpec[] = [
  { name: 'me', usage: 'text', summary: 'Say what you do', body: '_%s_' },
  { name: 'shrug', usage: '[text]', summary: 'Append ¯\\_(ツ)_/¯', body: '%s ¯\\\\\\_(ツ)\\_/¯' },
  { name: 'topic', usage: '[text]', summary: 'Change the topic', rooms: MANAGED },
  { name: 'rename', usage: 'name', summary: 'Change the name', rooms: MANAGED },
  { name: 'invite', usage: '@user …', summary: 'Add people', rooms: MANAGED },
  { name: 'remove', usage: '@user', summary: 'Remove someone', rooms: MANAGED },
  { name: 'leave', usage: '', summary: 'Leave the room', rooms: ['group', 'public', 'thread'] },
  { name: 'mute', usage: '[hours]', summary: 'No notifications of this room' },
  { name: 'unmute', usage: '', summary: 'Notifications again' },
  { name: 'archive', usage: '', summary: 'Close the room for writing', rooms: MANAGED },
  { name: 'poll', usage: '"question" "option" "option" …', summary: 'Ask everyone' },
  { name: 'status', usage: '[emoji] [text]', summary: 'Set your status' },
  { name: 'dnd', usage: '', summary: 'Do not disturb' },
  { name: 'search', usage: 'words', summary: 'Find messages' },
];

export interface Command {
  /** In lower case. It need not be one of `COMMANDS`. */
  command: string;
  /** What follows, trimmed; may hold several lines. */
  args: string;
}

/**
 * The command a text is, or null when it is a message. A command is a slash and a name of letters, digits and `-` at the
 * very beginning, then nothing or white space: `/usr/bin` is a message. `//` at the beginning escapes: see `messageText`.
 */
export function parseCommand(text: string): Command | null {
  const [, name, args] = /^\/([a-z][a-z0-9-]*)(?:\s+([\s\S]*))?$/i.exec(text) ?? [];
  return name === undefined ? null : { command: name.toLowerCase(), args: (args ?? '').trim() };
}

/** The row of `COMMANDS` of this name; undefined for an unknown command, or one that makes no sense in such a room. */
export function findCommand(name: string, kind: RoomKind): CommandSpec | undefined {
  return COMMANDS.find((spec) => spec.name === name && (spec.rooms?.includes(kind) ?? true));
}

/** What to send for a text that is no command: without the slash that escapes another. */
export function messageText(text: string): string {
  return text.startsWith('//') ? text.slice(1) : text;
}

/** The message a command becomes; null when it is no such command, or nothing was said. */
export function commandBody({ body, usage }: CommandSpec, args: string): string | null {
  if (body === undefined || (args === '' && !usage.startsWith('['))) return null;
  return body.replace('%s', () => args).trim();
}

/** Words of arguments; quotation marks keep several together. */
export function splitArgs(args: string): string[] {
  return [...args.matchAll(/"([^"]*)"|“([^”]*)”|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}
