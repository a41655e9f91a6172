/** A room as the server keeps it, in a few lines: the source of events, changes and snapshots for tests of the client. */
import {
  LIMITS,
  type Member,
  type Mentions,
  type Message,
  type MyMembership,
  type Room,
  type RoomChanges,
  type RoomSnapshot,
  type RoomSummary,
} from '@confab/protocol';
import type { RoomEvent } from '../src/reducer.ts';

export const ME = 'me';

/** What only the member sees, and whether the others see their mark. */
type Mine = Omit<MyMembership, keyof Member> & { sharesReads: boolean };
type Row = Member & { lastReadN: number };

export class ModelRoom {
  readonly #meId: string;
  readonly messages: Message[] = [];
  readonly members = new Map<string, Row>();
  readonly #mine = new Map<string, Mine>();
  /** People `me` blocks. */
  readonly #blocked = new Set<string>();
  /** Everything told to `me` so far, in order. */
  readonly events: RoomEvent[] = [];
  #room: Room = {
    id: 'room',
    kind: 'group',
    name: 'Room',
    topic: '',
    avatar: null,
    parent: null,
    lounge: null,
    moderation: { slowMode: 0, readOnly: false, lockedAt: null, hold: [], raidUntil: null },
    memberCount: 0,
    createdBy: ME,
    createdAt: 0,
    n: 0,
    rev: 0,
    archivedAt: null,
    deletedAt: null,
  };

  constructor(meId = ME) {
    this.#meId = meId;
    this.join(meId);
    this.events.length = 0;
  }

  get rev(): number {
    return this.#room.rev;
  }
  get n(): number {
    return this.#room.n;
  }
  get me(): MyMembership {
    const { mine, notify, mutedUntil, favourite, markedUnread, starred, votes, silencedUntil, held } = this.#mineOf(
      this.#meId,
    );
    const own = { mine, notify, mutedUntil, favourite, markedUnread, starred, votes, silencedUntil, held };
    return { ...this.#row(this.#meId), ...own };
  }

  send(senderId: string, mentions?: Mentions): Message {
    return this.#say(senderId, { kind: 'text', body: `body ${this.n + 1}`, ...(mentions && { mentions }) });
  }

  /** The server's own word on something. */
  announce(actorId: string): void {
    this.#say(actorId, { kind: 'system', body: '', system: { type: 'topic', actorId, topic: '' } });
  }

  edit(n: number, mentions?: Mentions): void {
    const message = this.messages[n - 1];
    if (!message || message.deletedAt !== null || message.kind === 'system') return;
    this.#change(withoutMentions(message), (rev) => ({
      body: `edited at ${rev}`,
      editedAt: rev,
      ...(mentions && { mentions }),
    }));
  }

  delete(n: number): void {
    const message = this.messages[n - 1];
    if (!message || message.deletedAt !== null) return;
    this.#change(withoutMentions(message), (rev) => ({ body: '', deletedAt: rev }));
  }

  /** Something was said in the thread about a message; deleted ones keep theirs. */
  bumpThread(n: number): void {
    const message = this.messages[n - 1];
    if (!message) return;
    const count = (message.thread?.count ?? 0) + 1;
    this.#change(message, (rev) => ({ thread: { roomId: 'thread', count, lastAt: rev } }));
  }

  read(userId: string, upTo: number): void {
    const member = this.members.get(userId);
    if (!member || member.leftAt !== null) return;
    const lastReadN = Math.max(Math.min(upTo, this.n), member.lastReadN);
    const mine = this.#mineOf(userId);
    const numbered = lastReadN > member.lastReadN && this.#showsMark(userId);
    if (lastReadN === member.lastReadN && !mine.markedUnread) return;
    const rev = numbered ? this.#nextRev() : member.rev;
    this.members.set(userId, { ...member, lastReadN, rev });
    if (numbered && userId !== this.#meId) {
      this.events.push({ event: 'read', payload: { roomId: 'room', rev, userId, lastReadN } });
    }
    this.#setMine(userId, { markedUnread: false }, numbered);
  }

  /** A setting of the member alone. */
  set(userId: string, change: Partial<Pick<Mine, 'favourite' | 'markedUnread' | 'notify'>>): void {
    if (this.members.get(userId)?.leftAt === null) this.#setMine(userId, change);
  }

  share(userId: string, sharesReads: boolean): void {
    const member = this.members.get(userId);
    if (member?.leftAt !== null || this.#mineOf(userId).sharesReads === sharesReads) return;
    this.#mine.set(userId, { ...this.#mineOf(userId), sharesReads });
    if (this.#listsMembers) this.#setMember(member);
  }

  /** `me` blocks someone, or no longer. Whoever holds the room takes it afresh, as the client does. */
  block(userId: string, on: boolean): void {
    if (userId === this.#meId || this.#blocked.has(userId) === on) return;
    if (on) this.#blocked.add(userId);
    else this.#blocked.delete(userId);
    this.#setMine(this.#meId, {});
  }

  rename(name: string): void {
    this.#room = { ...this.#room, name };
    const rev = this.#nextRev();
    this.events.push({ event: 'room', payload: { roomId: 'room', rev, room: this.#room } });
  }

  join(userId: string): void {
    const former = this.members.get(userId);
    if (former?.leftAt === null) return;
    this.#room = { ...this.#room, memberCount: this.#room.memberCount + 1 };
    const mine = this.#mineOf(userId);
    this.#mine.set(userId, { ...mine, mine: mine.mine + 1, markedUnread: false });
    this.#setMember({ roomId: 'room', userId, role: 'member', lastReadN: this.n, joinedAt: 1, leftAt: null, rev: 0 });
  }

  leave(userId: string): void {
    const member = this.members.get(userId);
    if (member?.leftAt !== null || userId === this.#meId) return;
    this.#room = { ...this.#room, memberCount: this.#room.memberCount - 1 };
    this.#setMember({ ...member, leftAt: 2 });
  }

  setRole(userId: string, role: Member['role']): void {
    const member = this.members.get(userId);
    if (member?.leftAt === null) this.#setMember({ ...member, role });
  }

  get unread(): number {
    return Math.min(LIMITS.unreadCap, this.#awaiting.length);
  }

  get mentions(): number {
    return this.#awaiting.filter(
      ({ mentions }) => mentions && (mentions.everyone !== null || mentions.userIds.includes(this.#meId)),
    ).length;
  }

  /** The history as `me` sees it. */
  get shown(): Message[] {
    return this.messages.map((message) => this.#seen(message));
  }

  snapshot(): RoomSnapshot {
    const messages = this.shown.slice(-50);
    const present = [...this.members.values()].filter((member) => member.leftAt === null);
    return {
      ...this.#summary(),
      messages,
      hasMoreBefore: (messages[0]?.n ?? 1) > 1,
      members: this.#listsMembers ? present.map((member) => this.#presented(member)) : null,
      users: [],
    };
  }

  /** One page of at most `limit` states. */
  changes(since: number, limit: number = LIMITS.changesPage): RoomChanges {
    const changed = [...this.messages, ...this.members.values()]
      .filter((row) => row.rev > since)
      .toSorted((a, b) => a.rev - b.rev);
    const page = changed.slice(0, limit);
    const hasMore = changed.length > page.length;
    return {
      summary: this.#summary(),
      messages: page.filter((row) => 'n' in row).map((message) => this.#seen(message)),
      members: page.filter((row) => 'userId' in row).map((member) => this.#presented(member)),
      users: [],
      rev: hasMore ? (page.at(-1)?.rev ?? since) : this.rev,
      hasMore,
      reload: false,
    };
  }

  get #awaiting(): Message[] {
    const { lastReadN } = this.#row(this.#meId);
    return this.messages.filter(
      (m) =>
        m.n > lastReadN &&
        m.senderId !== this.#meId &&
        m.deletedAt === null &&
        m.kind !== 'system' &&
        !this.#blocked.has(m.senderId),
    );
  }

  get #listsMembers(): boolean {
    return this.#room.memberCount <= LIMITS.readReceiptMembers;
  }

  #showsMark(userId: string): boolean {
    return this.#listsMembers && this.#mineOf(userId).sharesReads;
  }

  #row(userId: string): Row {
    const row = this.members.get(userId);
    if (!row) throw new Error(`${userId} was never a member`);
    return row;
  }

  #mineOf(userId: string): Mine {
    const fresh: Mine = {
      mine: 0,
      notify: 'all',
      mutedUntil: null,
      favourite: false,
      markedUnread: false,
      starred: [],
      votes: {},
      silencedUntil: null,
      held: [],
      sharesReads: true,
    };
    return this.#mine.get(userId) ?? fresh;
  }

  #presented(row: Row): Member {
    return { ...row, lastReadN: this.#showsMark(row.userId) ? row.lastReadN : null };
  }

  #seen(message: Message): Message {
    if (!this.#blocked.has(message.senderId) || message.kind === 'system') return message;
    const { id, roomId, n, rev, clientId, senderId, createdAt, deletedAt } = message;
    const place = { id, roomId, n, rev, clientId, senderId, createdAt, deletedAt };
    return { ...place, kind: 'text', body: '', replyTo: null, editedAt: null, hidden: true };
  }

  #summary(): RoomSummary {
    return {
      room: this.#room,
      me: this.me,
      lastMessage: this.shown.at(-1) ?? null,
      unread: this.unread,
      mentions: this.mentions,
      memberIds: [...this.members.keys()].slice(0, 8),
    };
  }

  #setMine(userId: string, change: Partial<Mine>, numbered = false): void {
    const before = this.#mineOf(userId);
    this.#mine.set(userId, { ...before, ...change, mine: before.mine + 1 });
    if (userId !== this.#meId) return;
    const { rev, me, unread, mentions } = this;
    this.events.push({ event: 'me', payload: { roomId: 'room', rev, numbered, me, unread, mentions } });
  }

  #setMember(member: Row): void {
    const rev = this.#nextRev();
    const next = { ...member, rev };
    this.members.set(member.userId, next);
    const { memberCount } = this.#room;
    const payload = { roomId: 'room', rev, member: this.#presented(next), memberCount };
    this.events.push({ event: 'member', payload });
  }

  #say(senderId: string, content: Pick<Message, 'kind' | 'body' | 'mentions' | 'system'>): Message {
    const n = this.n + 1;
    this.#room = { ...this.#room, n };
    const message: Message = {
      id: `message-${n}`,
      roomId: 'room',
      n,
      rev: this.#nextRev(),
      clientId: `client-${n}`,
      senderId,
      replyTo: null,
      createdAt: n,
      editedAt: null,
      deletedAt: null,
      ...content,
    };
    this.messages.push(message);
    this.#tell(message);
    return message;
  }

  #change(message: Message, change: (rev: number) => Partial<Message>): void {
    const rev = this.#nextRev();
    this.#tell((this.messages[message.n - 1] = { ...message, ...change(rev), rev }));
  }

  #tell(message: Message): void {
    const payload = { roomId: 'room', rev: message.rev, message: this.#seen(message) };
    this.events.push({ event: 'message', payload });
  }

  #nextRev(): number {
    this.#room = { ...this.#room, rev: this.#room.rev + 1 };
    return this.#room.rev;
  }
}

function withoutMentions(message: Message): Message {
  const rest = { ...message };
  delete rest.mentions;
  return rest;
}
