import type { ModerationLogEntry } from '@confab/sdk';

/** What each action of the trail means. Listed in docs/moderation.md. */
export const ACTIONS: Readonly<Record<string, string>> = {
  'member.warned': 'Warned somebody',
  'member.muted': 'Muted somebody',
  'member.kicked': 'Kicked somebody out of a room',
  'member.banned': 'Banned somebody',
  'member.removed': 'Removed somebody from a room',
  'member.noted': 'Wrote a note about somebody',
  'sanction.lifted': 'Lifted what was done',
  'appeal.granted': 'Granted an appeal',
  'appeal.refused': 'Refused an appeal',
  'appeal.moot': 'Closed an appeal: the room is gone',
  'messages.expired': 'Erased what was kept long enough',
  'messages.removed': 'Deleted what somebody wrote',
  'message.approved': 'Approved a held message',
  'message.rejected': 'Rejected a held message',
  'message.hidden': 'Hid a message that many reported',
  'message.shown': 'Showed a hidden message again',
  'message.deleted': 'Deleted somebody’s message',
  'poll.closed': 'Closed somebody’s poll',
  'case.read': 'Read what is kept of a report',
  'case.assigned': 'Took, gave or put back a report',
  'case.noted': 'Wrote a note on a report',
  'case.closed': 'Decided a report',
  'room.changed': 'Changed somebody’s room',
  'room.deleted': 'Deleted somebody’s room',
  'room_role.changed': 'Changed a role in a room',
  'room.moderated': 'Changed how a room is moderated',
  'raid.began': 'Saw a raid begin',
  'automod.alerted': 'Told moderators of a message',
  'trail.exported': 'Took the log along',
  'automod_rule.created': 'Added a rule of automod',
  'automod_rule.changed': 'Changed a rule of automod',
  'automod_rule.removed': 'Removed a rule of automod',
  'account.created': 'Made an account with an office',
  'account.disabled': 'Closed an account',
  'account.enabled': 'Opened an account again',
  'account.signed_out': 'Signed somebody out everywhere',
  'role.changed': 'Changed a role',
  'address.banned': 'Kept out a network',
  'address.unbanned': 'Let a network in again',
  'lounge.opened': 'Opened a lounge',
  'lounge.changed': 'Changed a lounge',
  'lounge.closed': 'Closed a lounge',
  'language_room.opened': 'Opened a language room',
  'language_room.resized': 'Changed the capacity of a language room',
  'language_room.closed': 'Closed a language room',
};

/** The action in words; its own name where it is a new one. */
export function actionWords({ action, actorId, details }: ModerationLogEntry): string {
  if (action !== 'case.assigned') return ACTIONS[action] ?? action;
  const to = details['assigneeId'];
  return to === null ? 'Put back a report' : to === actorId ? 'Took a report' : 'Gave a report to somebody';
}
