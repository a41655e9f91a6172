/** Screens what one batch of messages says: decided in memory, written afterwards. */
import { ProtocolError } from '@confab/protocol';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { MemberRow, RoomTx } from '../rooms/index.ts';
import { consequencesJob, type Judge, type Verdict } from '../safety/index.ts';
import { countWaiting, type HeldRow, holdMessages, mayHoldMore } from './held-rows.ts';
import { askJudge, isPaced, refuseHaste, screen, type Speaker, type Text } from './screen.ts';

/** A message without a number. */
export type Draft = Omit<HeldRow, 'status' | 'reason' | 'rule_id'>;

const PACE = {
  name: 'messages.pace',
  text: `UPDATE chat.members m SET last_sent_at = $3
         FROM unnest($1::uuid[], $2::uuid[]) AS s (room_id, user_id)
         WHERE m.room_id = s.room_id AND m.user_id = s.user_id`,
};

interface Judged {
  speaker: Speaker;
  /** null: it was refused. */
  messageId: string | null;
  verdict: Verdict;
}

/** Lets what follows from a verdict be done; also where the message is refused, of which nothing else is written. */
export async function enqueueConsequences(
  tx: RoomTx,
  jobs: Jobs,
  { speaker, messageId, verdict }: Judged,
): Promise<void> {
  if (verdict.also.length === 0) return;
  tx.keep();
  await jobs.enqueue(tx.db, consequencesJob, {
    roomId: speaker.governing.room_id,
    userId: speaker.user.id,
    messageId,
    consequences: [...verdict.also],
  });
}

/** Notes that these have said something now, where slow mode is on. */
export async function savePace(tx: RoomTx, members: readonly MemberRow[]): Promise<void> {
  await tx.db.query(PACE, [members.map((m) => m.room_id), members.map((m) => m.user_id), new Date(tx.now)]);
}

export class Screening {
  /** What waits for approval. */
  readonly held: HeldRow[] = [];
  readonly #tx: RoomTx;
  readonly #judge: Judge;
  /** Memberships as this transaction has left them, by room and person. */
  readonly #members: Map<string, MemberRow>;
  /** What becomes of each text. */
  readonly #verdicts = new Map<Text, Verdict>();
  /** Of whom something is held in this batch; by room and person. */
  readonly #added = new Set<string>();
  /** How many messages of theirs wait, those of this batch among them; by the room whose rights count, and person. */
  #waiting = new Map<string, number>();
  /** Who wrote where slow mode is on. */
  readonly #paced = new Set<MemberRow>();
  readonly #judged: Judged[] = [];

  /** @param members everyone's who writes, also of those who left */
  constructor(tx: RoomTx, judge: Judge, members: readonly MemberRow[]) {
    this.#tx = tx;
    this.#judge = judge;
    this.#members = byPlace(members);
  }

  /** Asks automod, of what is not too hasty: to be done before any is decided. */
  async ask(said: readonly { speaker: Speaker; text: Text }[]): Promise<void> {
    const { now } = this.#tx;
    const patient = said.filter(({ speaker }) => refuseHaste(speaker, now) === null);
    const texts = new Map(patient.map((one) => [one.text, one]));
    const verdicts = await askJudge([...texts.values()], this.#judge, now);
    for (const [i, { speaker, text }] of [...texts.values()].entries()) {
      const verdict = verdicts[i];
      if (verdict !== undefined) this.#verdicts.set(text, screen(speaker, text, verdict, now));
    }
    const held = patient.filter(({ text }) => this.#verdicts.get(text)?.outcome === 'hold');
    if (held.length === 0) return;
    const places = held.map(({ speaker }) => ({ roomId: speaker.governing.room_id, userId: speaker.user.id }));
    this.#waiting = await countWaiting(this.#tx.db, places);
  }

  /** null: it is said at once; otherwise why it is not, or what is held. Counts for slow mode unless it is refused. */
  decide(speaker: Speaker, draft: Draft, text: Text): ProtocolError | HeldRow | null {
    const { now } = this.#tx;
    const haste = refuseHaste(speaker, now);
    if (haste !== null) return haste;
    const verdict = this.#verdicts.get(text);
    if (verdict === undefined) throw new Error('a text was not asked about');
    const decision = this.#carryOut(verdict, draft, speaker);
    const refused = decision instanceof ProtocolError;
    this.#judged.push({ speaker, messageId: refused ? null : draft.message_id, verdict });
    if (!refused && isPaced(speaker) && speaker.member !== undefined) {
      speaker.member.last_sent_at = now;
      this.#paced.add(speaker.member);
    }
    return decision;
  }

  /**
   * Keeps what is held, and what follows.
   * @param others authors in threads who were in them in no way: those who follow by now, and those who do not
   */
  async write(jobs: Jobs, others: readonly MemberRow[]): Promise<void> {
    const tx = this.#tx;
    const present = new Map([...this.#members, ...byPlace(others)]);
    const authors = [...this.#added].map((place) => present.get(place) ?? absent());
    // Those of the authors are written as a whole.
    const paced = [...this.#paced].filter((member) => !authors.includes(member));
    if (paced.length > 0) await savePace(tx, paced);
    await holdMessages(tx, this.held, authors);
    for (const judged of this.#judged) await enqueueConsequences(tx, jobs, judged);
  }

  #carryOut(
    { outcome, reason, ruleId }: Verdict,
    draft: Draft,
    { governing }: Speaker,
  ): ProtocolError | HeldRow | null {
    if (outcome === 'allow') return null;
    if (outcome === 'reject') return new ProtocolError('message_rejected', { reason: reason ?? '' });
    const place = `${governing.room_id} ${draft.sender_id}`;
    const waiting = this.#waiting.get(place) ?? 0;
    if (!mayHoldMore(waiting)) return new ProtocolError('limit_reached');
    this.#waiting.set(place, waiting + 1);
    const row: HeldRow = { ...draft, status: 'pending', reason: reason ?? '', rule_id: ruleId };
    this.#added.add(`${draft.room_id} ${draft.sender_id}`);
    this.held.push(row);
    return row;
  }
}

function byPlace(members: readonly MemberRow[]): Map<string, MemberRow> {
  return new Map(members.map((member) => [`${member.room_id} ${member.user_id}`, member]));
}

function absent(): never {
  throw new Error('the author of a held message is not there');
}
