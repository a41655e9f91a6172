/** Slash commands: those offered in a room, and carrying them out. */
import {
  commandBody,
  COMMANDS,
  findCommand,
  type LiveRoom,
  messageText,
  parseCommand,
  type RoomState,
  splitArgs,
} from '@confab/sdk';
import { FOREVER } from '../lib/time.ts';
import { attempt } from '../lib/attempt.ts';
import { CommandError } from '../lib/problems.ts';
import { client } from '../lib/client.ts';
import { navigate, roomPath, searchPath } from '../lib/router.ts';
import type { Suggestion } from '../mentions/useMentionables.ts';
import { toast } from '../ui/toasts.tsx';

/** Commands that begin so and make sense in this room. */
export function commandSuggestions({ room }: RoomState, typed: string): Suggestion[] {
  return COMMANDS.filter(
    ({ name, rooms }) => name.startsWith(typed) && (rooms === undefined || rooms.includes(room.kind)),
  ).map(({ name, usage, summary }) => ({
    key: name,
    label: `/${name}`,
    detail: usage === '' ? summary : `${usage} · ${summary}`,
    user: null,
    insert: `/${name} `,
  }));
}

/** Carries out the command a text is; answers the message to send instead, or null when there is none. @throws CommandError, ConfabError */
export function runCommand(room: LiveRoom, text: string): string | null {
  const parsed = parseCommand(text.trim());
  const spec = parsed && findCommand(parsed.command, room.state?.room.kind ?? 'group');
  if (!parsed || !spec) return messageText(text);
  const { args } = parsed;
  if (spec.body !== undefined) return commandBody(spec, args) ?? needs(spec.usage);
  attempt(act(room, spec.name, args));
  return null;
}

const HOUR_MS = 3_600_000;

async function act(room: LiveRoom, name: string, args: string): Promise<void> {
  switch (name) {
    case 'topic':
      return room.setTopic(args);
    case 'rename':
      return room.rename(args);
    case 'archive':
      return room.archive();
    case 'invite':
      return room.addMembers(await userIds(args));
    case 'remove': {
      const [userId] = await userIds(args);
      return userId === undefined ? undefined : room.removeMember(userId);
    }
    case 'leave':
      await room.leave();
      return navigate('/', { replace: true });
    case 'mute':
      return room.updateMe({ mutedUntil: Number(args) > 0 ? Date.now() + Number(args) * HOUR_MS : FOREVER });
    case 'unmute':
      return room.updateMe({ mutedUntil: null });
    case 'poll': {
      const [question = '', ...options] = splitArgs(args);
      room.sendPoll({ question, options });
      return undefined;
    }
    case 'status': {
      const [, emoji = null, status = ''] = /^(\p{RGI_Emoji})?\s*(.*)$/v.exec(args) ?? [];
      await client.presence.setStatus({ emoji, text: status === '' ? null : status, until: null });
      return toast(args === '' ? 'Your status is cleared.' : 'Your status is set.');
    }
    case 'dnd':
      await client.presence.setStatus({ status: 'dnd' });
      return toast('Do not disturb is on.');
    case 'search':
      return navigate(searchPath(new URLSearchParams({ q: args, room: room.id })));
    default:
      return navigate(roomPath(room.id));
  }
}

/** Whom `@ann @bob` names. @throws CommandError when there is no such person */
async function userIds(args: string): Promise<string[]> {
  const wanted = args.split(/\s+/).map((word) => word.replace(/^@/, '').toLowerCase());
  const found = await Promise.all(
    wanted.map(async (username) => {
      const user = (await client.findUsers(username || '@')).find((known) => known.username === username);
      if (!user) throw new CommandError(`There is nobody called @${username}.`);
      return user.id;
    }),
  );
  return found;
}

function needs(usage: string): never {
  throw new CommandError(`Write ${usage} after the command.`);
}
