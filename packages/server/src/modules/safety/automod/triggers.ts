/** What each kind of trigger looks for in a message. */
import { createHash } from 'node:crypto';
import { type AutomodTrigger, badInput } from '@confab/protocol';
import type { Happening } from '../../../platform/bursts/index.ts';
import type { JudgedMessage } from '../contracts.ts';
import { sameText } from './fold.ts';
import { findLinks, isInvite, isUnder, type Link } from './links.ts';
import { compilePattern } from './pattern.ts';
import { SPARED, wordList } from './word-lists.ts';
import type { Steps } from './steps.ts';
import { SearchedText, WordSet } from './words.ts';

/**
 * Letters of one word, and of all of a rule, in every way in which they may be meant: a set of them takes some 240 bytes for
 * each. A character may stand for several, and each of these for several others.
 */
const MAX_LETTERS = { word: 400, rule: 100_000 };

/** What rules must know of people beside their message. */
export interface Known {
  /** Whether this person has posted a link in that room before. */
  hasLinked(roomId: string, userId: string): boolean;
}

/** A message, with what several rules ask of it worked out once. */
export class Subject {
  readonly message: JudgedMessage;
  #text: SearchedText | undefined;
  #links: readonly Link[] | undefined;

  constructor(message: JudgedMessage) {
    this.message = message;
  }

  get text(): SearchedText {
    this.#text ??= new SearchedText(this.message.body);
    return this.#text;
  }

  get links(): readonly Link[] {
    this.#links ??= findLinks(this.message.body);
    return this.#links;
  }
}

/** Never throws. */
type Matcher = (subject: Subject, known: Known) => boolean;

/** Decides by the message alone, or by how many there were: it matches each that is part of a burst. */
export type ReadyTrigger =
  | {
      matches: Matcher;
      /** Of one about words, which needs no more than a text. */
      finds?: (text: SearchedText) => boolean;
      /** Letters that it remembers. */
      letters?: number;
    }
  | { counts: (message: JudgedMessage) => Happening };

type TriggerOf<T extends AutomodTrigger['type']> = Extract<AutomodTrigger, { type: T }>;
type Counting = TriggerOf<'flood' | 'repeats'>;

export function isCounting(trigger: AutomodTrigger): trigger is Counting {
  return trigger.type === 'flood' || trigger.type === 'repeats';
}

/** What a rule counts of a message. */
export function happeningOf(
  ruleId: string,
  trigger: Counting,
  { id, sender, body, now: at }: Pick<JudgedMessage, 'id' | 'sender' | 'body' | 'now'>,
): Happening {
  const { seconds } = trigger;
  if (trigger.type === 'flood') return { key: `${ruleId} ${sender.id}`, id, at, times: trigger.messages, seconds };
  const text = createHash('sha1').update(sameText(body)).digest('base64');
  return { key: `${ruleId} ${sender.id} ${text}`, id, at, times: trigger.times, seconds };
}

/**
 * Makes a trigger ready, word by word.
 * @param ruleId whose counts it keeps
 * @throws ProtocolError bad_input (trigger.pattern, trigger.words, trigger.spare)
 */
export function* triggerSteps(ruleId: string, trigger: AutomodTrigger): Steps<ReadyTrigger> {
  switch (trigger.type) {
    case 'flood':
    case 'repeats':
      return { counts: (message) => happeningOf(ruleId, trigger, message) };
    case 'words': {
      const { finds, letters } = yield* wordSteps(trigger);
      return { matches: ({ text }) => finds(text), finds, letters };
    }
    default:
      return { matches: matcherOf(trigger) };
  }
}

function matcherOf(trigger: Exclude<AutomodTrigger, { type: 'flood' | 'repeats' | 'words' }>): Matcher {
  switch (trigger.type) {
    case 'links':
      return links(trigger);
    case 'mentions':
      return ({ message }) => message.mentions > trigger.more;
    case 'capitals':
      return capitals(trigger);
    case 'invites':
      return (subject) => subject.links.some(isInvite);
    case 'newcomers':
      return ({ message }) => isNewcomer(message, trigger.minutes * 60_000);
    case 'pattern': {
      const pattern = compilePattern(trigger.pattern);
      return ({ message }) => pattern.test(message.body);
    }
    case 'raid':
      // Decided when people join; what they write is then held by the room.
      return () => false;
  }
}

/** @throws ProtocolError bad_input (trigger.words, trigger.spare) for words that stand for too many letters */
function* wordSteps(trigger: TriggerOf<'words'>): Steps<{ finds: (text: SearchedText) => boolean; letters: number }> {
  const own = { words: new WordSet(), spare: new WordSet() };
  let sum = 0;
  for (const field of ['words', 'spare'] as const) {
    for (const [i, word] of trigger[field].entries()) {
      const letters = own[field].add(word);
      if (letters > MAX_LETTERS.word) {
        throw badInput(`trigger.${field}.${i}`, `stands for more than ${MAX_LETTERS.word} letters`);
      }
      sum += letters;
      if (sum > MAX_LETTERS.rule) {
        throw badInput(`trigger.${field}`, `stand for more than ${MAX_LETTERS.rule} letters together`);
      }
      yield letters;
    }
  }
  const sets = [
    ...trigger.lists.flatMap((id) => wordList(id) ?? []),
    ...(trigger.words.length === 0 ? [] : [own.words]),
  ];
  const spared = trigger.spare.length === 0 ? [SPARED] : [SPARED, own.spare];
  return { finds: (text) => sets.some((set) => text.has(set, spared)), letters: sum };
}

function links({ mode, hosts }: TriggerOf<'links'>): Matcher {
  const named = new Set(hosts);
  switch (mode) {
    case 'any':
      return (subject) => subject.links.length > 0;
    case 'denied':
      return (subject) => subject.links.some(({ host }) => isUnder(host, named));
    case 'not_allowed':
      return (subject) => subject.links.some(({ host }) => !isUnder(host, named));
    case 'first':
      return (subject, known) => {
        const { roomId, sender } = subject.message;
        return subject.links.some(({ host }) => !isUnder(host, named)) && !known.hasLinked(roomId, sender.id);
      };
  }
}

function capitals({ percent, letters }: TriggerOf<'capitals'>): Matcher {
  return ({ message: { body } }) => {
    const capital = body.match(/\p{Lu}/gu)?.length ?? 0;
    const all = capital + (body.match(/\p{Ll}/gu)?.length ?? 0);
    return all >= letters && capital * 100 >= percent * all;
  };
}

function isNewcomer({ sender, joinedAt, now }: JudgedMessage, ms: number): boolean {
  // Whoever has an office and is no member is none.
  if (joinedAt === null) return false;
  const createdAt = timeOf(sender.id);
  return now - joinedAt < ms || (createdAt !== null && now - createdAt < ms);
}

/** Epoch ms at which a UUIDv7 was made (RFC 9562, section 5.7); null for other ids. */
function timeOf(id: string): number | null {
  return id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : null;
}
