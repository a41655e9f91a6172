/** What a rule would have done. Changes nothing. */
import { setImmediate } from 'node:timers/promises';
import type { AutomodTrigger, Message, PublicUser } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Bursts } from '../../platform/bursts/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Profiles } from '../accounts/index.ts';
import {
  asJudged,
  countMentions,
  findMentions,
  isNewMember,
  newestMessages,
  presentMessage,
} from '../messages/index.ts';
import { accessRoom, joinsSince } from '../rooms/index.ts';
import { type Ages, automodRules, type JudgedMessage, rehearse } from '../safety/index.ts';
import { demandRules } from './automod-rights.ts';

const TRIED = 1000;
/** Characters that a rule is tried on: what it costs grows with them. */
const CHARACTERS_TRIED = 200_000;
const EXAMPLES = 20;
/** Joins looked at for a raid. */
const JOINS = 20_000;

type Raid = Extract<AutomodTrigger, { type: 'raid' }>;

export interface TrialDeps {
  db: Database;
  clock: Clock;
  profiles: Profiles;
  ages: Ages;
  /** Counts from nothing, for one trial. */
  rehearsal: () => Bursts;
}

interface Trial {
  tried: number;
  matched: number;
  examples: Message[];
  users: PublicUser[];
  text: boolean | null;
}

/**
 * Holds the newest messages of a room (null: of all public and language rooms) against a trigger, one after the other at
 * their times, as if each had been let through; and a text, as if the caller said it now, first of all. Of long messages there
 * are fewer: 200,000 characters in all.
 * @throws ProtocolError as `demandRules`, bad_input (trigger), age_confirmation_required
 */
export async function tryRule(
  { db, clock, profiles, ages, rehearsal }: TrialDeps,
  actor: Actor,
  { roomId, trigger, text }: { roomId: string | null; trigger: AutomodTrigger; text?: string | undefined },
): Promise<Trial> {
  await automodRules.check(trigger);
  await demandRules(db, actor, roomId, 'read');
  // The examples are what was said there.
  if (roomId !== null) await accessRoom(db, actor, roomId, 'read');
  const reader = { isOfAge: await ages.confirmed(actor.userId) };
  const rows = newestOf(await newestMessages(db, roomId, TRIED, reader), CHARACTERS_TRIED);
  const people = await profiles.publicUsers([...new Set([actor.userId, ...rows.map((row) => row.sender_id)])]);
  const byId = new Map(people.map((user) => [user.id, user]));
  const judged = rows.flatMap((row) => {
    const sender = byId.get(row.sender_id);
    const message = sender === undefined ? null : asJudged(row, sender);
    // Of the room's own rules those who moderate there are exempt.
    return message === null || (roomId !== null && message.moderates === true) ? [] : [{ row, message }];
  });
  const messages = judged.map(({ message }) => message);
  const matches =
    trigger.type === 'raid'
      ? await duringRaids(db, trigger, messages)
      : await allOf(messages, await rehearse(trigger, rehearsal()));
  const matched = judged.filter((_, i) => matches[i] === true).map(({ row }) => presentMessage(row));
  const examples = matched.slice(-EXAMPLES).toReversed();
  const shown = new Set(examples.map(({ senderId }) => senderId));
  const me = byId.get(actor.userId);
  return {
    tried: rows.length,
    matched: matched.length,
    examples,
    users: people.filter(({ id }) => shown.has(id)),
    text:
      text === undefined || me === undefined
        ? null
        : await (
            await rehearse(trigger, rehearsal())
          )(saidNow(text, roomId, me, clock.now())),
  };
}

function saidNow(body: string, roomId: string | null, sender: PublicUser, now: number): JudgedMessage {
  const place = { id: 'now', roomId: roomId ?? '', kind: 'public' as const, joinedAt: now };
  return { ...place, sender, body, mentions: countMentions(findMentions(body)), now };
}

// The eldest first, as they are given.
function newestOf<Row extends { body: string }>(rows: readonly Row[], characters: number): Row[] {
  let left = characters;
  const from = rows.findLastIndex((row) => (left -= row.body.length) < 0);
  return rows.slice(from + 1);
}

async function allOf(messages: readonly JudgedMessage[], matches: (message: JudgedMessage) => Promise<boolean>) {
  const matched: boolean[] = [];
  for (const message of messages) {
    matched.push(await matches(message));
    // Others are served between any two.
    await setImmediate();
  }
  return matched;
}

/** As while messages were said, for who joined when: of those who left again nothing is known. */
async function duringRaids(db: Queryable, trigger: Raid, messages: readonly JudgedMessage[]): Promise<boolean[]> {
  const [first] = messages;
  if (first === undefined) return [];
  const since = first.now - (trigger.seconds + trigger.lasts) * 1000;
  const joins = await joinsSince(db, [...new Set(messages.map(({ roomId }) => roomId))], since, JOINS);
  const raids = new Map([...Map.groupBy(joins, ({ roomId }) => roomId)].map(([id, of]) => [id, raidsOf(of, trigger)]));
  return messages.map((message) => {
    const { roomId, joinedAt, now } = message;
    const isRaided = (raids.get(roomId) ?? []).some(({ from, until }) => from <= now && now < until);
    return isRaided && joinedAt !== null && isNewMember(joinedAt, now);
  });
}

function raidsOf(
  joins: readonly { at: number }[],
  { joins: many, seconds, lasts }: Raid,
): { from: number; until: number }[] {
  const raids: { from: number; until: number }[] = [];
  joins.forEach(({ at }, i) => {
    const eldest = joins[i - many + 1];
    if (eldest === undefined || eldest.at <= at - seconds * 1000 || at < (raids.at(-1)?.until ?? 0)) return;
    raids.push({ from: at, until: at + lasts * 1000 });
  });
  return raids;
}
