/** Every action that changes a room is shown to converge: where, is listed here, and the list is complete. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientEvents, rest, type RouteName, type RouteSpec } from '@confab/protocol';
import { describe, expect, test } from 'vitest';

const MODULES = join(import.meta.dirname, '../src/modules');
const ROOMS = 'rooms/rooms.test.ts';
const HELD = ['messages/held.test.ts', 'being held, approved, rejected and taken back converge for everyone'] as const;

/** Route -> the file and title of a test that runs it through `expectConverges`. */
const SHOWN = {
  updateRoom: [ROOMS, 'rename and change the topic'],
  deleteRoom: [ROOMS, 'delete the room'],
  addMembers: [ROOMS, 'add members'],
  updateMember: [ROOMS, 'change a role'],
  removeMember: [ROOMS, 'remove a member and take them back'],
  sendMessage: [ROOMS, 'send many at once'],
  editMessage: [ROOMS, 'edit'],
  deleteMessage: [ROOMS, 'delete one read and one unread'],
  markRead: [ROOMS, 'read'],
  joinRoom: ['rooms/browse.test.ts', 'are joined by anyone, once, and it converges for those who are there'],
  acceptInvite: [
    'rooms/invites.test.ts',
    'leads who holds its code into the room; it converges for those who are there',
  ],
  updateMe: [
    'rooms/settings.test.ts',
    'are seen by me alone, on all my devices, and converge; the same again changes nothing',
  ],
  updatePreferences: ['rooms/settings.test.ts', 'ends and begins in all rooms and threads at once, and converges'],
  openThread: [
    'messages/open-thread.test.ts',
    'makes one thread per message, also when many open it at once; its message says so; all converges',
  ],
  react: [
    'messages/reactions.test.ts',
    'counts and names people in the order in which they reacted, emoji by first use, and converges',
  ],
  pin: [
    'messages/pins.test.ts',
    'shows a message to everyone, the newest pin first, says so in the room, and converges',
  ],
  star: ['messages/stars.test.ts', 'is mine alone, on all my devices, and converges; the room’s rev does not move'],
  vote: ['messages/polls.test.ts', 'replaces what I voted, no options take it back, and all of it converges'],
  closePoll: ['messages/polls.test.ts', 'is for the author and moderators, once, and ends voting'],
  schedule: [
    'messages/scheduled.test.ts',
    'is sent at its time like any other, in its author’s name, and is mine alone until then',
  ],
  moderateRoom: ['rooms/moderation.test.ts', 'converge; what is so already changes nothing'],
  report: [
    'moderation/reports.test.ts',
    'by people who have been here for a day hide a message from everyone until it is decided; it converges',
  ],
  closeCase: [
    'moderation/reports.test.ts',
    'are undone by `no_action`, and do not hide it again by the same people; it converges',
  ],
  decideHeld: HELD,
  dropHeld: HELD,
} as const satisfies Partial<Record<RouteName, readonly [file: string, title: string]>>;
/** Of those, the ones that the tables list elsewhere than among rooms, messages and people. */
const OF_OTHER_GROUPS: ReadonlySet<string> = new Set<RouteName>([
  'report',
  'closeCase',
  'moderateRoom',
  'decideHeld',
  'dropHeld',
]);

/** Changes that nobody who holds a room open is told of. */
const NOTHING_TO_TELL: Partial<Record<RouteName, string>> = {
  createRoom: 'nobody held it before: a new room comes whole',
  directRoom: 'nobody held it before: a new room comes whole',
  createInvite: 'is no part of a room',
  revokeInvite: 'is no part of a room',
  unschedule: 'what is scheduled is no part of a room',
  // What is held of a room is taken afresh by the blocker alone: model.test.ts.
  block: 'changes what one person is shown of others, not a room',
  unblock: 'changes what one person is shown of others, not a room',
};

/** Events that change a room, with the route that does the same. Each way in ends in the same change. */
const EVENTS = {
  'room:read': 'markRead',
  'message:send': 'sendMessage',
  'message:edit': 'editMessage',
  'message:delete': 'deleteMessage',
  'message:react': 'react',
  // Whoever looks again, or no more, leaves the room of their match.
  'match:find': 'removeMember',
  'match:next': 'removeMember',
  'match:stop': 'removeMember',
} as const satisfies Record<string, keyof typeof SHOWN>;
const READING_EVENTS = [
  'room:join',
  'room:leave',
  'message:history',
  'sync',
  'typing',
  'presence:set',
  'presence:watch',
  'heartbeat',
  'match:state',
];

/** Routes that helpers of several files call. */
const CALLED_BY: Record<string, RegExp> = {
  sendMessage: /\.say\(/,
  decideHeld: /\b(approve|reject)\(/,
  dropHeld: /\bdrop\(/,
};

describe('every action that changes a room converges', () => {
  test('the list names every route that changes anything of rooms and people, and no other', () => {
    const changing = Object.entries<RouteSpec>(rest).filter(
      ([name, { method, group }]) =>
        OF_OTHER_GROUPS.has(name) || (method !== 'GET' && ['Rooms', 'Messages', 'People'].includes(group)),
    );
    expect([...Object.keys(SHOWN), ...Object.keys(NOTHING_TO_TELL)].toSorted()).toEqual(
      changing.map(([name]) => name).toSorted(),
    );
  });

  test('the list names every event', () => {
    expect([...Object.keys(EVENTS), ...READING_EVENTS].toSorted()).toEqual(Object.keys(clientEvents).toSorted());
  });

  test.for(Object.entries(SHOWN))('%s: the test that shows it is there', ([route, [file, title]]) => {
    const tests = readFileSync(join(MODULES, file), 'utf8').split(/^(?=describe\(|  test\()/m);
    const told = tests.find((text) => text.includes(`test('${title}'`) || isAction(text, title));
    expect(told, `${file}: ${title}`).toBeDefined();
    // By the route itself, or by a helper of that file that calls it.
    expect(told).toMatch(/converge/i);
    expect(tests.join('')).toMatch(CALLED_BY[route] ?? new RegExp(`'${route}'`));
  });
});

// In the table of `rooms.test.ts`, of which every row goes through `expectConverges`.
function isAction(text: string, title: string): boolean {
  return text.startsWith("describe('every action converges") && new RegExp(`^    '?${title}'?: `, 'm').test(text);
}
