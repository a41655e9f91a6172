import type { ModerationLogEntry } from '@confab/sdk';

/** What each action of the trail means. Listed in docs/moderation.md. */
export const ACTIONS: Readonly<Record<string, string>> = {
  'member.warned': 'Warned somebody',
  'member.muted': 'Muted somebody',
  'member.kicked': 'Kicked somebody out of a room',
  'member.banned': 'Banned somebody',
  'member.noted': 'Wrote a note about somebody',
  'sanction.lifted': 'Lifted what was done',
  'appeal.granted': 'Granted an appeal',
  'appeal.refused': 'Refused an appeal',
  'messages.expired': 'Erased what was kept long enough',
  'messages.removed': 'Deleted what somebody wrote',
  'message.approved': 'Approved a held message',
  'message.rejected': 'Rejected a held message',
  'message.hidden': 'Hid a message that many reported',
  'message.shown': 'Showed a hidden message again',
  'message.deleted': 'Deleted a message that was reported',
  'case.assigned': 'Took, gave or put back a report',
  'case.noted': 'Wrote a note on a report',
  'case.closed': 'Decided a report',
  'room.moderated': 'Changed how a room is moderated',
  'raid.began': 'Saw a raid begin',
  'automod.alerted': 'Told moderators of a message',
  'automod_rule.created': 'Added a rule of automod',
  'automod_rule.changed': 'Changed a rule of automod',
  'automod_rule.removed': 'Removed a rule of automod',
  'lounge.opened': 'Opened a lounge',
  'lounge.changed': 'Changed a lounge',
  'lounge.closed': 'Closed a lounge',
  'language_room.opened': 'Opened a language room',
  'language_room.resized': 'Changed the capacity of a language room',
  'language_room.closed': 'Closed a language room',
};

/** The action in words; its own name where it is a new one. */
export const actionWords = ({ action }: Pick<ModerationLogEntry, 'action'>): string => ACTIONS[action] ?? action;
