/** Automod's rules in words. */
import type { AutomodAction, AutomodTrigger } from '@confab/sdk';
import { count } from '../lib/words.ts';

export type TriggerType = AutomodTrigger['type'];

/** What a new rule of each kind begins with. */
export const NEW_TRIGGERS: { readonly [T in TriggerType]: Extract<AutomodTrigger, { type: T }> } = {
  words: { type: 'words', lists: [], words: [], spare: [] },
  links: { type: 'links', mode: 'any', hosts: [] },
  mentions: { type: 'mentions', more: 5 },
  flood: { type: 'flood', messages: 10, seconds: 30 },
  repeats: { type: 'repeats', times: 3, seconds: 60 },
  capitals: { type: 'capitals', percent: 70, letters: 15 },
  invites: { type: 'invites' },
  newcomers: { type: 'newcomers', minutes: 10 },
  pattern: { type: 'pattern', pattern: '' },
  raid: { type: 'raid', joins: 20, seconds: 60, lasts: 600 },
};

export const TRIGGER_NAMES: readonly (readonly [TriggerType, string])[] = [
  ['words', 'Words'],
  ['links', 'Links'],
  ['invites', 'Invitations elsewhere'],
  ['mentions', 'Many mentions'],
  ['flood', 'Many messages'],
  ['repeats', 'The same again and again'],
  ['capitals', 'Capital letters'],
  ['newcomers', 'Newcomers'],
  ['pattern', 'A pattern'],
  ['raid', 'A raid'],
];

export const LINK_MODES = [
  ['any', 'Any link'],
  ['denied', 'Links to these hosts'],
  ['not_allowed', 'Links to any host but these'],
  ['first', 'Somebody’s first link in a room'],
] as const;

export const MUTES = [
  ['300', '5 minutes'],
  ['3600', 'An hour'],
  ['86400', 'A day'],
  ['604800', 'A week'],
] as const;

/** What a rule looks for. */
export function triggerWords(trigger: AutomodTrigger): string {
  switch (trigger.type) {
    case 'words': {
      const own = trigger.words.length > 0 ? [count(trigger.words.length, 'word')] : [];
      const lists = trigger.lists.length > 0 ? [count(trigger.lists.length, 'built-in list')] : [];
      return [...lists, ...own].join(' and ') || 'no words yet';
    }
    case 'links':
      return trigger.mode === 'denied' || trigger.mode === 'not_allowed'
        ? `${trigger.mode === 'denied' ? 'links to' : 'links to any but'} ${count(trigger.hosts.length, 'host')}`
        : trigger.mode === 'any'
          ? 'any link'
          : 'somebody’s first link in a room';
    case 'mentions':
      return `more than ${count(trigger.more, 'mention')}`;
    case 'flood':
      return `${count(trigger.messages, 'message')} in ${count(trigger.seconds, 'second')}`;
    case 'repeats':
      return `the same ${count(trigger.times, 'time')} in ${count(trigger.seconds, 'second')}`;
    case 'capitals':
      return `${trigger.percent}% capitals among ${count(trigger.letters, 'letter')} or more`;
    case 'invites':
      return 'invitations to other places';
    case 'newcomers':
      return `people who came less than ${count(trigger.minutes, 'minute')} ago`;
    case 'pattern':
      return `texts with ${trigger.pattern}`;
    case 'raid':
      return `${count(trigger.joins, 'join')} in ${count(trigger.seconds, 'second')}`;
  }
}

function actionWords(action: AutomodAction): string {
  switch (action.type) {
    case 'hold':
      return 'holds the message';
    case 'reject':
      return 'rejects the message';
    case 'warn':
      return 'warns';
    case 'mute': {
      const named = MUTES.find(([value]) => value === String(action.seconds))?.[1].toLowerCase();
      return `mutes for ${named ?? count(action.seconds, 'second')}`;
    }
    case 'alert':
      return 'tells moderators';
  }
}

/** What follows. */
export function actionsWords(trigger: AutomodTrigger, actions: readonly AutomodAction[]): string {
  if (trigger.type === 'raid') return `holds what newcomers write for ${count(trigger.lasts, 'second')}`;
  return actions.map(actionWords).join(', ');
}
