/**
 * Who may do what, as data: for each route and event that names a room, a message, a member, an invitation or a person,
 * what each actor is answered in each kind of room. Written from what the product promises, not from the server's policy.
 */
import { type ClientEventName, type ErrorCode, rest, type RouteName } from '@confab/protocol';

export const KINDS = ['direct', 'group', 'public', 'language', 'thread', 'archived', 'deleted'] as const;
/** `language` is a room of a lounge that everyone may come into; `thread` is one of a group; `archived` and `deleted` are groups. */
export type Kind = (typeof KINDS)[number];

/**
 * `stranger`: in no room. `former`: was removed. `sender`: a member, who wrote the messages. `blocked`: a member whom the
 * sender blocks; of a direct room with the sender, the other one. Only sender, member and admin follow the thread. `guest`:
 * a member with the platform's role guest, of a language room alone; `visitor`: a guest in no room.
 */
export const ACTORS = [
  'anonymous',
  'stranger',
  'former',
  'member',
  'sender',
  'blocked',
  'moderator',
  'admin',
  'owner',
  'guest',
  'visitor',
] as const;
export type Actor = (typeof ACTORS)[number];
export const FOLLOWERS: readonly Actor[] = ['sender', 'member', 'admin'];
const OUTSIDERS: readonly Actor[] = ['stranger', 'former', 'visitor'];

export type Outcome = 'ok' | ErrorCode;
/**
 * `who:outcome` parts, the first that fits counts; `who` is an actor, `all` (everyone in the room), `follower`, `mod+` or
 * `admin+`. Whom no part names is forbidden, or, outside of the room, told nothing: not_found. null: there is no such thing.
 */
type Cell = string | null;
type Row = Record<Exclude<Kind, 'deleted' | 'language'>, Cell> & {
  deleted?: Cell;
  /** As in a public room, unless told. */
  language?: Cell;
};

const EVERYONE: Row = { direct: 'all:ok', group: 'all:ok', public: 'all:ok', thread: 'all:ok', archived: 'all:ok' };
const NOT_IN_ARCHIVED = { ...EVERYONE, archived: 'all:room_archived' };
const FOLLOWED: Row = { ...EVERYONE, thread: 'follower:ok all:not_found' };
// It has no fields of its own: whoever may read it is told so.
const NOBODY_OF_THREAD = '';
const ADMINS: Row = {
  direct: '',
  group: 'admin+:ok',
  public: 'admin+:ok',
  thread: NOBODY_OF_THREAD,
  archived: 'admin+:ok',
};
const CONFIGURING: Row = { ...ADMINS, archived: 'admin+:room_archived' };
// Others do not learn that there is one.
export const OF_A_RULE: Row = {
  direct: 'all:not_found',
  group: 'admin+:ok all:not_found',
  public: 'admin+:ok all:not_found',
  thread: 'all:not_found',
  archived: 'admin+:room_archived all:not_found',
};
const MODERATORS: Row = {
  direct: '',
  group: 'mod+:ok',
  public: 'mod+:ok',
  thread: NOBODY_OF_THREAD,
  archived: 'mod+:ok',
};
/** In a thread the room it hangs on counts. */
const IN_THREADS_TOO: Row = { ...MODERATORS, thread: 'mod+:ok' };
const SENDING: Row = { ...NOT_IN_ARCHIVED, direct: 'blocked:blocked all:ok' };
const AUTHOR: Row = {
  direct: 'sender:ok',
  group: 'sender:ok',
  public: 'sender:ok',
  thread: 'sender:ok',
  archived: 'sender:ok',
};
// Others do not learn that there is one, deleted room or not.
const OWN_ONLY: Row = {
  direct: 'sender:ok all:not_found',
  group: 'sender:ok all:not_found',
  public: 'sender:ok all:not_found',
  thread: 'sender:ok all:not_found',
  archived: 'sender:ok all:not_found',
  deleted: 'sender:ok all:not_found',
};
const AUTHOR_OR_MODERATOR: Row = {
  direct: 'sender:ok',
  group: 'sender:ok mod+:ok',
  public: 'sender:ok mod+:ok',
  thread: 'sender:ok mod+:ok',
  archived: 'sender:ok mod+:ok',
};
const BY_CODE = 'all:ok stranger:ok former:ok';

/** Routes that name something of a room. A key may be `route.variant`: the same route with other input. */
export const ROUTES = {
  room: FOLLOWED,
  'updateRoom.topic': { ...ADMINS, archived: 'admin+:room_archived' },
  'updateRoom.archive': ADMINS,
  joinRoom: { ...EVERYONE, public: `visitor:members_only ${BY_CODE}`, language: BY_CODE },
  updateMe: FOLLOWED,
  createInvite: { ...MODERATORS, public: 'all:ok', language: '', archived: 'mod+:room_archived' },
  invites: { ...MODERATORS, public: 'all:ok', language: '', thread: 'mod+:ok' },
  revokeInvite: { ...MODERATORS, language: '', thread: 'mod+:not_found' },
  invite: {
    direct: null,
    group: BY_CODE,
    public: BY_CODE,
    language: null,
    thread: null,
    archived: BY_CODE,
    deleted: 'all:invite_invalid stranger:invite_invalid former:invite_invalid',
  },
  acceptInvite: {
    direct: null,
    group: BY_CODE,
    public: BY_CODE,
    language: null,
    thread: null,
    archived: 'all:ok stranger:room_archived former:room_archived',
    deleted: 'all:invite_invalid stranger:invite_invalid former:invite_invalid',
  },
  openThread: { ...NOT_IN_ARCHIVED, direct: 'blocked:blocked all:ok', thread: '' },
  deleteRoom: { ...ADMINS, group: 'owner:ok', public: 'owner:ok', archived: 'owner:ok' },
  members: EVERYONE,
  addMembers: { ...MODERATORS, language: '', archived: 'mod+:room_archived' },
  updateMember: ADMINS,
  'removeMember.other': { ...MODERATORS, thread: 'member:ok' },
  'removeMember.self': { ...FOLLOWED, direct: '' },
  messages: EVERYONE,
  sendMessage: SENDING,
  'sendMessage.reply': SENDING,
  'sendMessage.poll': SENDING,
  'sendMessage.forward': SENDING,
  editMessage: { ...AUTHOR, archived: 'sender:room_archived' },
  deleteMessage: AUTHOR_OR_MODERATOR,
  message: EVERYONE,
  messageEdits: AUTHOR_OR_MODERATOR,
  react: SENDING,
  pin: { ...MODERATORS, direct: 'blocked:blocked all:ok', thread: 'mod+:ok', archived: 'mod+:room_archived' },
  pins: EVERYONE,
  star: { ...FOLLOWED, direct: 'blocked:blocked all:ok' },
  vote: SENDING,
  closePoll: { ...AUTHOR_OR_MODERATOR, archived: 'sender:room_archived mod+:room_archived' },
  schedule: SENDING,
  unschedule: OWN_ONLY,
  'sanction.warn': IN_THREADS_TOO,
  'sanction.mute': IN_THREADS_TOO,
  'sanction.kick': IN_THREADS_TOO,
  'sanction.ban': IN_THREADS_TOO,
  removeMessages: IN_THREADS_TOO,
  'moderateRoom.lock': MODERATORS,
  'moderateRoom.hold': { ...ADMINS, archived: 'admin+:room_archived' },
  automodRules: CONFIGURING,
  createAutomodRule: CONFIGURING,
  tryAutomodRule: CONFIGURING,
  updateAutomodRule: OF_A_RULE,
  deleteAutomodRule: OF_A_RULE,
  // One's own is nothing to report; a room is its owner's.
  'report.message': {
    direct: 'sender:bad_input all:ok',
    group: 'sender:bad_input all:ok',
    public: 'sender:bad_input all:ok',
    thread: 'sender:bad_input all:ok',
    archived: 'sender:bad_input all:ok',
  },
  'report.room': {
    direct: 'all:ok',
    group: 'owner:bad_input all:ok',
    public: `owner:bad_input ${BY_CODE}`,
    thread: 'owner:bad_input all:ok',
    archived: 'owner:bad_input all:ok',
  },
  cases: { ...MODERATORS, thread: 'mod+:ok' },
  held: { ...MODERATORS, thread: 'mod+:ok' },
  // Nothing ever waits between two people.
  decideHeld: { ...MODERATORS, direct: 'all:not_found', thread: 'mod+:ok' },
  // What is not there is taken back already; who was in the room may still take back what they wrote.
  dropHeld: {
    direct: 'all:ok',
    group: 'all:ok former:ok',
    public: 'all:ok former:ok',
    thread: 'follower:ok all:not_found',
    archived: 'all:ok former:ok',
  },
  search: EVERYONE,
  changes: FOLLOWED,
  markRead: FOLLOWED,
} as const satisfies Record<string, Row>;
export type Case = keyof typeof ROUTES;

/** Events that do the same as a route, and those that stand alone. */
export const EVENTS = {
  'room:join': ROUTES.room,
  // Only ends what this connection hears: whatever the id, nothing is told.
  'room:leave': {
    direct: BY_CODE,
    group: BY_CODE,
    public: BY_CODE,
    thread: BY_CODE,
    archived: BY_CODE,
    deleted: BY_CODE,
  },
  'room:read': ROUTES.markRead,
  'message:send': ROUTES.sendMessage,
  'message:edit': ROUTES.editMessage,
  'message:delete': ROUTES.deleteMessage,
  'message:react': ROUTES.react,
  'message:history': ROUTES.messages,
  typing: NOT_IN_ARCHIVED,
} as const satisfies Partial<Record<ClientEventName, Row>>;
export type EventCase = keyof typeof EVENTS;

/** Of a person alone: every signed-in person may, nobody else. What they are shown is tested where it is built. */
export const ONES_OWN: readonly RouteName[] = [
  'profile',
  'updateProfile',
  'findUsers',
  'notices',
  'seeNotices',
  'reports',
  'sanctions',
  'appeal',
  'appeals',
  'user',
  'ageConfirmation',
  'confirmAge',
  'blocks',
  'block',
  'unblock',
  'preferences',
  'updatePreferences',
  'rooms',
  'createRoom',
  'directRoom',
  'publicRooms',
  'threads',
  'stars',
  'mentions',
  'scheduled',
  'settings',
  'updateSettings',
  'upgradeGuest',
  'sessions',
  'endSession',
  'endOtherSessions',
  'devices',
  'addDevice',
  'removeDevice',
  'exportData',
  'deactivate',
  'deleteAccount',
  'security',
  'stepUp',
  'stepUpCode',
  'stepUpPasskey',
  'changePassword',
  'changeEmail',
  'sendVerification',
  'setPhone',
  'verifyPhone',
  'removePhone',
  'startTotp',
  'confirmTotp',
  'removeTotp',
  'newRecoveryCodes',
  'newPasskey',
  'addPasskey',
  'renamePasskey',
  'removePasskey',
  'linkIdentity',
  'unlinkIdentity',
  'identities',
  'apiTokens',
  'createApiToken',
  'revokeApiToken',
];
export const ONES_OWN_EVENTS: readonly ClientEventName[] = [
  'sync',
  'presence:set',
  'presence:watch',
  'heartbeat',
  'match:find',
  'match:next',
  'match:stop',
  'match:state',
];

/** Who asks to administrate. `token`: an API token of an owner's with every scope but those of administration. */
export const ADMINISTRATORS = ['anonymous', 'token', 'guest', 'user', 'moderator', 'admin', 'owner'] as const;
type Administrator = (typeof ADMINISTRATORS)[number];

const REFUSED = {
  anonymous: 'unauthenticated',
  token: 'scope_missing',
  guest: 'members_only',
  user: 'forbidden',
  moderator: 'forbidden',
} as const;
const ANY_ADMIN = { ...REFUSED, admin: 'ok', owner: 'ok' } as const;
/** Also by a token, which has the scopes of moderation. */
const OFFICERS = { ...ANY_ADMIN, token: 'ok', moderator: 'ok' } as const;
/** Of something that is not there. */
const NOTHING = {
  ...OFFICERS,
  token: 'not_found',
  user: 'not_found',
  moderator: 'not_found',
  admin: 'not_found',
  owner: 'not_found',
} as const;
const OWNERS_ONLY = { ...REFUSED, admin: 'forbidden', owner: 'ok' } as const;
const NO_ONE = { ...REFUSED, admin: 'forbidden', owner: 'forbidden' } as const;

/**
 * Routes of administration, `route.whom`: what is done to somebody of that role, to a guest, or to `self`. `setRole` gives
 * the role moderator, `setRole.raise` makes a user an admin.
 */
export const ADMINISTRATION = {
  addressBans: ANY_ADMIN,
  addAddressBan: ANY_ADMIN,
  removeAddressBan: ANY_ADMIN,
  'moderatedUser.user': OFFICERS,
  'noteUser.user': OFFICERS,
  liftSanction: NOTHING,
  decideAppeal: NOTHING,
  case: NOTHING,
  caseAssignees: NOTHING,
  assignCase: NOTHING,
  noteCase: NOTHING,
  closeCase: NOTHING,
  moderationLog: OFFICERS,
  moderationFigures: OFFICERS,
  exportModerationLog: { ...ANY_ADMIN, token: 'ok' },
  accounts: ANY_ADMIN,
  account: ANY_ADMIN,
  audit: ANY_ADMIN,
  'setRole.user': ANY_ADMIN,
  'setRole.raise': OWNERS_ONLY,
  'setRole.guest': NO_ONE,
  'setRole.admin': OWNERS_ONLY,
  'setRole.owner': OWNERS_ONLY,
  'ban.guest': ANY_ADMIN,
  'ban.user': ANY_ADMIN,
  'ban.moderator': ANY_ADMIN,
  'ban.admin': OWNERS_ONLY,
  'ban.owner': NO_ONE,
  'ban.self': NO_ONE,
  'unban.user': ANY_ADMIN,
  'unban.admin': OWNERS_ONLY,
  'disableAccount.user': ANY_ADMIN,
  'disableAccount.admin': OWNERS_ONLY,
  'disableAccount.owner': NO_ONE,
  'disableAccount.self': NO_ONE,
  'enableAccount.user': ANY_ADMIN,
  'enableAccount.admin': OWNERS_ONLY,
  'signOutAccount.user': ANY_ADMIN,
  'signOutAccount.admin': OWNERS_ONLY,
  'signOutAccount.owner': NO_ONE,
  'signOutAccount.self': NO_ONE,
} as const satisfies Record<string, Record<Administrator, Outcome>>;
export type AdministrationCase = keyof typeof ADMINISTRATION;

/** Routes of administration that are about lounges. */
export const LOUNGES = {
  createLounge: ANY_ADMIN,
  updateLounge: ANY_ADMIN,
  setLoungePicture: ANY_ADMIN,
  removeLoungePicture: ANY_ADMIN,
  createLanguageRoom: ANY_ADMIN,
  updateLanguageRoom: ANY_ADMIN,
  deleteLanguageRoom: ANY_ADMIN,
  deleteLounge: ANY_ADMIN,
} as const satisfies Partial<Record<RouteName, Record<Administrator, Outcome>>>;
export type LoungeCase = keyof typeof LOUNGES;

/** The route of a case. */
export function routeOf(name: Case | AdministrationCase): RouteName {
  const [route = ''] = name.split('.');
  if (!(route in rest)) throw new Error(`${name} is no route`);
  return route as RouteName;
}

/**
 * What an actor is to be answered; null: there is nothing to ask.
 * @param forGuests whether guests may call it at all
 */
export function expectedOf(row: Row, kind: Kind, actor: Actor, forGuests: boolean): Outcome | null {
  const cell = cellOf(row, kind);
  if (cell === null || !isIn(kind, actor)) return null;
  if (actor === 'anonymous') return 'unauthenticated';
  if (!forGuests && (actor === 'guest' || actor === 'visitor')) return 'members_only';
  for (const part of cell.split(' ')) {
    const [who = '', outcome = ''] = part.split(':');
    if (fits(who, actor)) return outcome as Outcome;
  }
  return OUTSIDERS.includes(actor) ? 'not_found' : 'forbidden';
}

function cellOf(row: Row, kind: Kind): Cell {
  if (kind === 'deleted') return row.deleted ?? 'all:not_found';
  return kind === 'language' && row.language === undefined ? row.public : (row[kind] ?? null);
}

// In a direct room there are no roles, and nobody is removed from it.
function isIn(kind: Kind, actor: Actor): boolean {
  if (actor === 'guest') return kind === 'language';
  return kind !== 'direct' || ['anonymous', 'stranger', 'visitor', 'member', 'sender', 'blocked'].includes(actor);
}

function fits(who: string, actor: Actor): boolean {
  switch (who) {
    case 'all':
      return !OUTSIDERS.includes(actor);
    case 'follower':
      return FOLLOWERS.includes(actor);
    case 'mod+':
      return ['moderator', 'admin', 'owner'].includes(actor);
    case 'admin+':
      return ['admin', 'owner'].includes(actor);
    case 'stranger':
      return actor === 'stranger' || actor === 'visitor';
    default:
      return who === actor;
  }
}
