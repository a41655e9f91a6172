/** The model: what a few people and rooms are like after what was acknowledged, in as few words as possible. */
import type { ErrorCode, MemberRole } from '@confab/protocol';

export interface ModelMessage {
  id: string;
  n: number;
  sender: number;
  clientId: string;
  /** As it was sent first, which is what a retry repeats. */
  sent: { body: string; replyTo: string | null };
  body: string;
  deleted: boolean;
  /** Who, by emoji. */
  reactions: Map<string, Set<number>>;
}

/** One that waits for approval. */
export interface ModelHeld extends Pick<ModelMessage, 'id' | 'sender' | 'clientId' | 'sent'> {
  /** Its author followed the thread it is in, and stopped since. */
  stopped: boolean;
}

export class ModelRoom {
  readonly id: string;
  readonly kind: 'direct' | 'group' | 'public' | 'thread';
  readonly parent: ModelRoom | null;
  readonly members: Map<number, MemberRole>;
  /** Everything people said that was acknowledged, in order of acknowledgement. */
  readonly messages: ModelMessage[] = [];
  /** Starred message ids, by person; they outlive a membership. */
  readonly stars = new Map<number, Set<string>>();
  /** The newest answer to a read mark, by person; forgotten when they leave. */
  readonly marks = new Map<number, number>();
  readonly held: ModelHeld[] = [];
  /** Everyone's messages wait. */
  holds = false;
  ended = false;

  constructor(
    id: string,
    kind: ModelRoom['kind'],
    members: Iterable<readonly [number, MemberRole]>,
    parent: ModelRoom | null = null,
  ) {
    this.id = id;
    this.kind = kind;
    this.members = new Map(members);
    this.parent = parent;
  }

  /** The room whose members and rights count. */
  get governing(): ModelRoom {
    return this.parent ?? this;
  }

  get isGone(): boolean {
    return this.ended || this.governing.ended;
  }

  /** Whether someone is a member now, of this very room. */
  has(person: number): boolean {
    return !this.isGone && this.members.has(person);
  }

  /** What someone is here; undefined: they must not learn that the room exists. */
  roleOf(person: number): MemberRole | undefined {
    return this.isGone ? undefined : this.governing.members.get(person);
  }

  /** Whether what someone writes waits for approval. */
  waits(person: number): boolean {
    return this.governing.holds && this.roleOf(person) === 'member';
  }

  heldOf(person: number): ModelHeld[] {
    return this.held.filter(({ sender }) => sender === person);
  }

  /** The message `back` places before the newest, modulo their number. */
  at(back: number): ModelMessage | undefined {
    return this.messages.at(-1 - (back % Math.max(1, this.messages.length)));
  }

  /** Whoever says something in a thread, while they are in its room, follows it. */
  follow(person: number): void {
    if (this.parent?.members.has(person) !== true || this.members.has(person)) return;
    this.members.set(person, 'member');
  }

  leave(person: number, threads: readonly ModelRoom[]): void {
    for (const room of [this, ...threads.filter((thread) => thread.parent === this)]) {
      if (!room.members.delete(person)) continue;
      room.marks.delete(person);
      for (const held of room.heldOf(person)) held.stopped = true;
    }
  }
}

const RANK: Record<MemberRole, number> = { member: 0, moderator: 1, admin: 2, owner: 3 };
export type Expected = 'ok' | ErrorCode;

export function isModerator(role: MemberRole): boolean {
  return RANK[role] >= RANK.moderator;
}

export function mayDelete(room: ModelRoom, person: number, message: ModelMessage): Expected {
  const role = room.roleOf(person);
  if (role === undefined) return 'not_found';
  if (message.sender === person) return 'ok';
  const isAbove = RANK[role] > RANK[room.roleOf(message.sender) ?? 'member'];
  return room.governing.kind !== 'direct' && isModerator(role) && isAbove ? 'ok' : 'forbidden';
}

export function mayEdit(room: ModelRoom, person: number, message: ModelMessage): Expected {
  if (room.roleOf(person) === undefined) return 'not_found';
  if (message.sender !== person) return 'forbidden';
  if (message.deleted) return 'message_deleted';
  return room.waits(person) ? 'message_rejected' : 'ok';
}

export function maySetHold(room: ModelRoom, person: number): Expected {
  const role = room.roleOf(person);
  if (role === undefined) return 'not_found';
  return room.kind !== 'thread' && room.kind !== 'direct' && RANK[role] >= RANK.admin ? 'ok' : 'forbidden';
}

export function mayDecide(room: ModelRoom, person: number, { sender }: ModelHeld): Expected {
  const role = room.roleOf(person);
  if (role === undefined) return 'not_found';
  if (!isModerator(role) || sender === person) return 'forbidden';
  return RANK[role] > RANK[room.roleOf(sender) ?? 'member'] ? 'ok' : 'forbidden';
}

export function mayAdd(room: ModelRoom, person: number): Expected {
  const role = room.roleOf(person);
  if (role === undefined) return 'not_found';
  if (room.kind === 'thread' || room.kind === 'direct') return 'forbidden';
  return isModerator(role) ? 'ok' : 'forbidden';
}

export function mayRemove(room: ModelRoom, person: number, whom: number): Expected {
  if (room.roleOf(person) === undefined || !room.has(whom)) return 'not_found';
  if (person === whom) return room.kind === 'direct' ? 'forbidden' : 'ok';
  const [mine, theirs] = [room.members.get(person), room.members.get(whom)];
  if (room.kind === 'thread' || room.kind === 'direct' || !mine || !theirs) return 'forbidden';
  return isModerator(mine) && RANK[mine] > RANK[theirs] ? 'ok' : 'forbidden';
}

export function mayPromote(room: ModelRoom, person: number, whom: number, role: MemberRole): Expected {
  if (room.roleOf(person) === undefined || !room.has(whom)) return 'not_found';
  const [mine, theirs] = [room.members.get(person), room.members.get(whom)];
  if (room.kind === 'thread' || room.kind === 'direct' || !mine || !theirs || RANK[mine] < RANK.admin) {
    return 'forbidden';
  }
  const reaches = (what: MemberRole) => mine === 'owner' || RANK[mine] > RANK[what];
  const allowed = person === whom ? RANK[role] <= RANK[mine] : reaches(theirs) && reaches(role);
  if (!allowed) return 'forbidden';
  const owners = [...room.members.values()].filter((what) => what === 'owner').length;
  return theirs === 'owner' && role !== 'owner' && owners === 1 ? 'last_owner' : 'ok';
}
