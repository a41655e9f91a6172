import { type Message, ProtocolError, type PublicUser } from '@confab/protocol';
import type { Ids } from '../../platform/ids.ts';
import {
  type ChangeKind,
  join,
  may,
  type MemberRow,
  notPresent,
  type Outcome,
  refusal,
  type RoomTx,
  type Seat,
  seatOf,
} from '../rooms/index.ts';
import { silencesAt } from '../safety/index.ts';
import { presentHeld } from './held-rows.ts';
import { differingLanguage, loadLanguages, roomLanguage } from './language.ts';
import { findMentions } from './mentions.ts';
import { newPoll, refusePoll } from './polls.ts';
import { emitMessage } from './publish.ts';
import { type MessageRow, type Parts, presentMessage, withPart } from './rows.ts';
import { number, storeMessages } from './say.ts';
import { dropScheduled } from './scheduled-rows.ts';
import type { Speaker, Text } from './screen.ts';
import { type Draft, Screening } from './screening.ts';
import { textOf } from './search-index.ts';
import {
  contentHash,
  type Facts,
  loadFacts,
  prepare,
  type Ready,
  type Send,
  type SendDeps,
  sendKey,
  textId,
} from './send-facts.ts';
import { bumpThreads } from './threads.ts';

/**
 * Sends many messages, of many rooms, in a few statements. A message sent before under the same (room, sender, clientId)
 * is answered again instead of being stored twice; other content under that clientId is refused. What has to wait for
 * approval is answered with its status, and has no number yet.
 */
export function sendKind(deps: SendDeps): ChangeKind<Send, Message, Ready> {
  return {
    name: 'send',
    prepare: (batch) => prepare(batch, deps),
    async apply(batch, tx, ready) {
      if (batch.some((send) => roomLanguage(tx, send.roomId) !== null)) await loadLanguages();
      const facts = await loadFacts(batch, tx, ready);
      const screening = new Screening(tx, ready.judge, facts.everMembers);
      const fresh: MessageRow[] = [];
      const speakers = batch.map((send) => speakerOf(send, tx, facts, ready));
      await tellSilenced(speakers, tx);
      const drafts = draftsOf(batch, speakers, { tx, ids: deps.ids, facts, ready });
      await screening.ask([...drafts.values()]);
      ready.judge.takeBack();
      const outcomes = batch.map((send, i): Outcome<Message> => {
        const before = facts.sent.get(sendKey(send));
        const speaker = speakers[i];
        if (speaker === null || speaker === undefined) return { ok: false, error: new ProtocolError('not_found') };
        const error = refuse(send, speaker, tx, facts, ready);
        if (error !== null) return { ok: false, error };
        if (before !== undefined) return { ok: true, value: before.message };
        const { draft, text } = drafts.get(send) ?? undrafted();
        const decision = screening.decide(speaker, draft, text);
        if (decision instanceof ProtocolError) return { ok: false, error: decision };
        const row = decision ?? number(draft, tx);
        const message = 'n' in row ? presentMessage(row) : presentHeld(row);
        facts.sent.set(sendKey(send), { hash: row.client_hash, message });
        if ('n' in row) fresh.push(row);
        return { ok: true, value: message };
      });
      await dropScheduled(
        tx,
        batch.filter((_, i) => outcomes[i]?.ok),
      );
      await storeMessages(tx, fresh, deps);
      for (const row of fresh) {
        const message = presentMessage(row);
        await emitMessage(tx, message, senderOf(message, ready), ready.blockersOf);
      }
      const followers = await followThreads(tx, fresh, facts, ready);
      await bumpThreads(tx, fresh, deps);
      await screening.write(deps.jobs, [...notFollowing(screening.held, facts, tx), ...followers]);
      return outcomes;
    },
  };
}

// null: they are not in it, or there is no such room.
function speakerOf(send: Send, tx: RoomTx, facts: Facts, ready: Ready): Speaker | null {
  const room = tx.room(send.roomId);
  const governing = room && tx.governing(room);
  if (governing === undefined) return null;
  const user = senderOf(send, ready);
  const member = facts.members.get(`${governing.room_id} ${send.senderId}`);
  const seat = seatOf(governing, member ?? null, user.role, tx.now);
  if (seat === null) return null;
  const silenced = seat.silenced || ready.silenced.has(send.senderId);
  const unconfirmed = facts.unconfirmed.has(`${governing.room_id} ${send.senderId}`);
  return { user, seat: { ...seat, silenced, unconfirmed }, governing, member };
}

async function tellSilenced(speakers: readonly (Speaker | null)[], tx: RoomTx): Promise<void> {
  const silenced = speakers.filter((speaker) => speaker !== null).filter(({ seat }) => seat.silenced);
  if (silenced.length === 0) return;
  const places = silenced.map(({ user, governing }) => ({ userId: user.id, roomId: governing.room_id }));
  const silences = await silencesAt(tx.db, places, tx.now);
  silenced.forEach(({ seat }, i) => {
    seat.silence = silences[i];
  });
}

function refuse(send: Send, { seat }: Speaker, tx: RoomTx, facts: Facts, ready: Ready): ProtocolError | null {
  if (send.scheduledId !== undefined && !facts.waiting.has(send.scheduledId)) return new ProtocolError('not_found');
  const before = facts.sent.get(sendKey(send));
  if (before !== undefined) {
    // Erased with the body: then there is nothing left to compare with.
    const same = before.hash === null || before.hash.equals(contentHash(send));
    return same ? null : new ProtocolError('client_id_reused');
  }
  const out = send.scheduledId === undefined ? undefined : ready.shutOut.get(send.senderId);
  if (out !== undefined) return new ProtocolError(out);
  const error = refusal('send', seat);
  if (error !== null) return error;
  const wrongPoll = refusePoll(send.poll, tx.now);
  if (wrongPoll !== null) return wrongPoll;
  const peer = facts.peers.get(send.parentId ?? send.roomId)?.find((id) => id !== send.senderId);
  if (
    peer !== undefined &&
    (ready.blockedBy.get(send.senderId)?.has(peer) || ready.blockersOf.get(send.senderId)?.has(peer))
  ) {
    return new ProtocolError('blocked');
  }
  if (send.replyTo !== null && !facts.replied.has(`${send.roomId} ${send.replyTo}`)) {
    return new ProtocolError('not_found', { fields: [{ field: 'replyTo', problem: 'is no message of this room' }] });
  }
  return null;
}

interface Drafted {
  speaker: Speaker;
  draft: Draft;
  text: Text;
}

/** Of those that nothing speaks against so far. The same sent twice at once is one text. */
function draftsOf(
  batch: readonly Send[],
  speakers: readonly (Speaker | null)[],
  { tx, ids, facts, ready }: { tx: RoomTx; ids: Ids; facts: Facts; ready: Ready },
): Map<Send, Drafted> {
  const drafts = new Map<Send, Drafted>();
  const texts = new Map<string, Text>();
  batch.forEach((send, i) => {
    const speaker = speakers[i] ?? null;
    if (speaker === null || facts.sent.has(sendKey(send)) || refuse(send, speaker, tx, facts, ready) !== null) return;
    const draft = draftOf(send, tx, ids, speaker, facts, ready);
    const id = textId(send);
    const mentioned = ready.mentioned.get(send) ?? findMentions(send.body);
    const text = texts.get(id) ?? { id, body: textOf(draft), mentioned };
    texts.set(id, text);
    drafts.set(send, { speaker, draft, text });
  });
  return drafts;
}

function draftOf(send: Send, tx: RoomTx, ids: Ids, speaker: Speaker, facts: Facts, ready: Ready): Draft {
  return {
    room_id: send.roomId,
    message_id: ids.uuid(),
    sender_id: send.senderId,
    client_id: send.clientId,
    client_hash: contentHash(send),
    kind: send.poll === undefined ? 'text' : 'poll',
    body: send.body,
    reply_to: send.replyTo,
    parts: withPart(
      partsOf(send, speaker.seat, facts, ready),
      'language',
      differingLanguage(send.body, roomLanguage(tx, send.roomId)),
    ),
    created_at: tx.now,
  };
}

function partsOf(send: Send, seat: Seat, facts: Facts, ready: Ready): Parts | null {
  const found = ready.mentioned.get(send);
  const userIds = (found?.usernames ?? [])
    .flatMap((name) => ready.named.get(name)?.id ?? [])
    .filter((id) => id !== send.senderId && facts.members.has(`${send.parentId ?? send.roomId} ${id}`));
  const everyone = may('mentionEveryone', seat) ? (found?.everyone ?? null) : null;
  const parts: Parts = {
    ...(userIds.length > 0 || everyone !== null ? { mentions: { userIds, everyone } } : {}),
    ...(send.poll === undefined ? {} : { poll: newPoll(send.poll) }),
    ...(send.forwarded === undefined ? {} : { forwarded: send.forwarded }),
  };
  return Object.keys(parts).length === 0 ? null : parts;
}

// Of whoever waits to say something in a thread nobody learns that before it is said.
function notFollowing(held: readonly Pick<Draft, 'room_id' | 'sender_id'>[], facts: Facts, tx: RoomTx): MemberRow[] {
  const known = new Set(facts.everMembers.map((member) => `${member.room_id} ${member.user_id}`));
  return held
    .filter((row) => tx.room(row.room_id)?.kind === 'thread' && !known.has(`${row.room_id} ${row.sender_id}`))
    .map((row) => notPresent(row.room_id, row.sender_id, tx.now));
}

// Whoever says something in a thread follows it, but for those who are there by their office alone.
async function followThreads(
  tx: RoomTx,
  said: readonly Pick<Draft, 'room_id' | 'sender_id'>[],
  facts: Facts,
  ready: Ready,
): Promise<MemberRow[]> {
  const followers = new Map<string, MemberRow>();
  for (const row of said) {
    const room = tx.room(row.room_id);
    const key = `${row.room_id} ${row.sender_id}`;
    if (room?.kind !== 'thread' || facts.members.has(key) || followers.has(key)) continue;
    const there = facts.members.get(`${room.parent_room_id} ${row.sender_id}`);
    if (there === undefined) continue;
    const user = senderOf({ senderId: row.sender_id }, ready);
    const known = facts.everMembers.filter(({ room_id }) => room_id === room.room_id);
    const [follower] = await join(tx, room, [{ user, role: 'member', sharesReads: there.shares_reads }], known);
    if (follower !== undefined) followers.set(key, follower);
  }
  return [...followers.values()];
}

function undrafted(): never {
  throw new Error('a message that nothing spoke against was not drafted');
}

function senderOf({ senderId }: { senderId: string }, ready: Ready): PublicUser {
  const user = ready.users.get(senderId);
  if (user === undefined) throw new Error('the sender of a message has no profile');
  return user;
}
