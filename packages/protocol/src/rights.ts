/** Who may call what at all: guests, roles, and the scopes of API tokens. What may be done with a thing is asked where it is loaded. */
import type { Role } from './accounts.ts';
import type { ClientEventName, ServerEventName } from './events.ts';
import { rest, type RouteName, type RouteSpec, type Scope } from './rest.ts';

/** Everything a guest may do. What is not named here is for members. */
export const GUESTS_MAY: { routes: ReadonlySet<RouteName>; events: ReadonlySet<ClientEventName> } = {
  routes: new Set<RouteName>([
    'profile',
    'updateProfile',
    'upgradeGuest',
    'settings',
    'updateSettings',
    'sessions',
    'endSession',
    'user',
    'blocks',
    'block',
    'unblock',
    'preferences',
    'updatePreferences',
    'rooms',
    'room',
    'joinRoom',
    'updateMe',
    'removeMember',
    'members',
    'messages',
    'message',
    'sendMessage',
    'editMessage',
    'deleteMessage',
    'react',
    'pins',
    'vote',
    'changes',
    'markRead',
    'threads',
    'mentions',
    'stars',
    'star',
    'search',
    'dropHeld',
    'report',
    'reports',
    'notices',
    'seeNotices',
    'sanctions',
    'appeal',
    'ageConfirmation',
    'confirmAge',
  ]),
  events: new Set<ClientEventName>([
    'room:join',
    'room:leave',
    'room:read',
    'message:send',
    'message:edit',
    'message:delete',
    'message:react',
    'message:history',
    'sync',
    'typing',
    'presence:set',
    'presence:watch',
    'heartbeat',
    'match:find',
    'match:next',
    'match:stop',
    'match:state',
  ]),
};

const GROUP_SCOPES = {
  People: 'people',
  Rooms: 'rooms',
  Messages: 'messages',
  Lounges: 'admin',
  Moderation: 'moderation',
  Administration: 'admin',
} as const;

/** The scope a token needs for a route; null: no token may call it, such as what concerns ways in. */
export function scopeOfRoute(name: RouteName): Scope | null {
  if (name === 'profile') return 'profile:read';
  const row: RouteSpec = rest[name];
  if (row.auth !== 'user' || !(row.group in GROUP_SCOPES)) return null;
  const group = GROUP_SCOPES[row.group as keyof typeof GROUP_SCOPES];
  return `${group}:${row.method === 'GET' ? 'read' : 'write'}`;
}

/** The scope a token needs for an event; `any`: whichever it has will do; null: no token may ask it. */
export const SCOPE_OF_EVENT: Readonly<Record<ClientEventName, Scope | 'any' | null>> = {
  'room:join': 'rooms:read',
  'room:leave': 'rooms:read',
  'room:read': 'messages:write',
  'message:send': 'messages:write',
  'message:edit': 'messages:write',
  'message:delete': 'messages:write',
  'message:react': 'messages:write',
  'message:history': 'messages:read',
  sync: 'messages:read',
  typing: 'messages:write',
  'presence:set': 'people:write',
  'presence:watch': 'people:read',
  heartbeat: 'any',
  // Strangers are for people to meet.
  'match:find': null,
  'match:next': null,
  'match:stop': null,
  'match:state': null,
};

/** Any of these, and a connection is told what happens in its owner's rooms. Without, it is told what it asked for alone. */
const SCOPES_THAT_HEAR: readonly Scope[] = ['rooms:read', 'messages:read'];

/** Whether a connection with these scopes (null: a person's own) is told what happens in rooms. */
export function hearsRooms(scopes: readonly Scope[] | null): boolean {
  return scopes === null || SCOPES_THAT_HEAR.some((scope) => scopes.includes(scope));
}

/** Of what a person is told for themself, what takes a scope of its own; null: no token is told. */
const SCOPE_TO_HEAR = {
  notice: null,
  match: null,
  moderation: 'moderation:read',
} as const satisfies Partial<Record<ServerEventName, Scope | null>>;
type Guarded = keyof typeof SCOPE_TO_HEAR;

export function isGuarded(event: string): event is Guarded {
  return Object.hasOwn(SCOPE_TO_HEAR, event);
}

/** Which of them a connection with these scopes (null: a person's own) is not told. */
export function unheardBy(scopes: readonly Scope[] | null): Guarded[] {
  if (scopes === null) return [];
  return (Object.keys(SCOPE_TO_HEAR) as Guarded[]).filter((event) => {
    const scope = SCOPE_TO_HEAR[event];
    return scope === null || !scopes.includes(scope);
  });
}

/** From the highest. Nobody acts on people of their own rank or above, except owners on all. */
const RANKS: readonly Role[] = ['owner', 'admin', 'moderator', 'user', 'guest'];

/** Whether `role` reaches `least`. */
export function isAtLeast(role: Role, least: Role): boolean {
  return RANKS.indexOf(role) <= RANKS.indexOf(least);
}

/** Whether someone with `role` may act upon someone with the role `other`, or give that role. */
export function ranksAbove(role: Role, other: Role): boolean {
  return role === 'owner' || RANKS.indexOf(role) < RANKS.indexOf(other);
}
