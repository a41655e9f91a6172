/** A room as the server keeps it, in a few lines: the source of events, changes and snapshots for tests of the client. */
import { LIMITS, type Member, type Message, type Room, type RoomChanges, type RoomSnapshot } from '@confab/protocol';
import type { RoomEvent } from '../src/reducer.ts';

export const ME = 'me';

export class ModelRoom {
  readonly #meId: string;
  readonly messages: Message[] = [];
  readonly members = new Map<string, Member>();
  /** Everything told to `me` so far, in order. */
  readonly events: RoomEvent[] = [];
  #room: Room = {
    id: 'room',
    kind: 'group',
    name: 'Room',
    topic: '',
    memberCount: 0,
    createdBy: ME,
    createdAt: 0,
    n: 0,
    rev: 0,
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

  send(senderId: string, clientId = `client-${this.#room.n + 1}`): Message {
    const n = this.#room.n + 1;
    this.#room = { ...this.#room, n };
    const message: Message = {
      id: `message-${n}`,
      roomId: 'room',
      n,
      rev: this.#nextRev(),
      clientId,
      senderId,
      kind: 'text',
      body: `body ${n}`,
      replyTo: null,
      createdAt: n,
      editedAt: null,
      deletedAt: null,
    };
    this.messages.push(message);
    this.#tell(message);
    return message;
  }

  edit(n: number): void {
    const message = this.messages[n - 1];
    if (!message || message.deletedAt !== null) return;
    const rev = this.#nextRev();
    this.#tell((this.messages[n - 1] = { ...message, rev, body: `edited at ${rev}`, editedAt: rev }));
  }

  delete(n: number): void {
    const message = this.messages[n - 1];
    if (!message || message.deletedAt !== null) return;
    const rev = this.#nextRev();
    this.#tell((this.messages[n - 1] = { ...message, rev, body: '', deletedAt: rev }));
  }

  read(userId: string, upTo: number): void {
    const member = this.members.get(userId);
    const lastReadN = Math.min(upTo, this.#room.n);
    if (!member || member.leftAt !== null || lastReadN <= (member.lastReadN ?? 0)) return;
    const numbered = this.#showsMarks;
    const rev = numbered ? this.#nextRev() : this.#room.rev;
    this.members.set(userId, { ...member, lastReadN, rev: numbered ? rev : member.rev });
    const isMe = userId === this.#meId;
    if (!numbered && !isMe) return;
    const payload = { roomId: 'room', rev, numbered, userId, lastReadN, ...(isMe && { unread: this.unread }) };
    this.events.push({ event: 'read', payload });
  }

  rename(name: string): void {
    this.#room = { ...this.#room, name };
    const rev = this.#nextRev();
    this.events.push({ event: 'room', payload: { roomId: 'room', rev, room: this.#room } });
  }

  join(userId: string): void {
    const known = this.members.get(userId);
    if (known?.leftAt === null) return;
    this.#room = { ...this.#room, memberCount: this.#room.memberCount + 1 };
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
    const { lastReadN } = this.#me;
    const counted = this.messages.filter(
      (m) => m.n > (lastReadN ?? 0) && m.senderId !== this.#meId && m.deletedAt === null,
    );
    return Math.min(LIMITS.unreadCap, counted.length);
  }

  snapshot(): RoomSnapshot {
    const messages = this.messages.slice(-50);
    const present = [...this.members.values()].filter((member) => member.leftAt === null);
    return {
      ...this.#summary(),
      messages,
      hasMoreBefore: (messages[0]?.n ?? 1) > 1,
      members: this.#showsMarks ? present : null,
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
      messages: page.filter((row) => 'n' in row),
      members: page.filter((row) => 'userId' in row).map((member) => this.#shown(member)),
      users: [],
      rev: hasMore ? (page.at(-1)?.rev ?? since) : this.rev,
      hasMore,
      reload: false,
    };
  }

  get #me(): Member {
    const me = this.members.get(this.#meId);
    if (!me) throw new Error('I am always a member.');
    return me;
  }

  get #showsMarks(): boolean {
    return this.#room.memberCount <= LIMITS.readReceiptMembers;
  }

  #shown(member: Member): Member {
    return this.#showsMarks || member.userId === this.#meId ? member : { ...member, lastReadN: null };
  }

  #summary() {
    return {
      room: this.#room,
      me: this.#me,
      lastMessage: this.messages.at(-1) ?? null,
      unread: this.unread,
      memberIds: [...this.members.keys()].slice(0, 8),
    };
  }

  #setMember(member: Member): void {
    const rev = this.#nextRev();
    const next = { ...member, rev };
    this.members.set(member.userId, next);
    const { memberCount } = this.#room;
    // In events even my own mark is hidden in large rooms: everyone is sent the same.
    const shown = this.#showsMarks ? next : { ...next, lastReadN: null };
    this.events.push({ event: 'member', payload: { roomId: 'room', rev, member: shown, memberCount } });
  }

  #tell(message: Message): void {
    this.events.push({ event: 'message', payload: { roomId: 'room', rev: message.rev, message } });
  }

  #nextRev(): number {
    this.#room = { ...this.#room, rev: this.#room.rev + 1 };
    return this.#room.rev;
  }
}
