import type { EventFrame } from '../../platform/bus/index.ts';

/** A numbered event of a room, as it was told to those who follow it. */
export type NumberedFrame = Extract<EventFrame, { event: 'message' | 'room' | 'member' | 'read' }>;

/** Events kept for one room, and for all together; and characters of the messages in these, which ordinary ones do not reach. */
const PER_ROOM = 100;
const IN_ALL = 20_000;
const CHARACTERS = 8_000_000;

/**
 * The newest events of the rooms that are followed on this node, kept in memory: after a short cut most clients lack only
 * these. A hint like the bus that feeds it: it answers only what is provably whole, by the numbers the database gives.
 */
export class RoomRings {
  /** By room, then by rev; the room that was told of longest ago first. */
  readonly #rings = new Map<string, Map<number, NumberedFrame>>();
  #kept = 0;
  #characters = 0;

  push(frame: NumberedFrame): void {
    const { roomId, rev } = frame.payload;
    const ring = this.#rings.get(roomId) ?? new Map<number, NumberedFrame>();
    this.#rings.delete(roomId);
    this.#rings.set(roomId, ring);
    this.#count(ring.get(rev), -1);
    ring.set(rev, frame);
    this.#count(frame, 1);
    this.#drop(ring, rev - PER_ROOM);
    this.#makeRoom();
  }

  /** Nothing more will be told of the room: what is kept of it would grow old unnoticed. */
  forget(roomId: string): void {
    for (const frame of this.#rings.get(roomId)?.values() ?? []) this.#count(frame, -1);
    this.#rings.delete(roomId);
  }

  /**
   * The events after `since` up to and including `head`, as `userId` was or would have been told them; null when one is
   * missing, was told to that person in other words, or tells words that were edited or deleted since.
   */
  between(roomId: string, since: number, head: number, userId: string): NumberedFrame[] | null {
    const ring = this.#rings.get(roomId);
    if (ring === undefined || head - since > PER_ROOM) return null;
    const frames: NumberedFrame[] = [];
    const words = new Map<string, string>();
    for (let rev = since + 1; rev <= head; rev += 1) {
      const frame = ring.get(rev);
      if (frame === undefined || frame.except?.includes(userId)) return null;
      if (frame.event === 'message') {
        const { id, body } = frame.payload.message;
        if ((words.get(id) ?? body) !== body) return null;
        words.set(id, body);
      }
      frames.push(frame);
    }
    return frames;
  }

  #drop(ring: Map<number, NumberedFrame>, upTo: number): void {
    // Events come nearly in order, so those that are too old are at the beginning.
    for (const [rev, frame] of ring) {
      if (rev > upTo) return;
      ring.delete(rev);
      this.#count(frame, -1);
    }
  }

  #count(frame: NumberedFrame | undefined, times: 1 | -1): void {
    if (frame === undefined) return;
    this.#kept += times;
    this.#characters += times * charactersIn(frame);
  }

  #makeRoom(): void {
    for (const roomId of this.#rings.keys()) {
      if (this.#kept <= IN_ALL && this.#characters <= CHARACTERS) return;
      this.forget(roomId);
    }
  }
}

/** Characters of the message that an event tells of: its text, and the ids of who reacted or voted. */
export function charactersIn(frame: NumberedFrame): number {
  if (frame.event !== 'message') return 0;
  const { body, reactions = [], poll } = frame.payload.message;
  return [...reactions, ...(poll?.options ?? [])].reduce((sum, { userIds }) => sum + userIds.length * 36, body.length);
}

/** Feeds the rings from what a node's hub tells its sockets. */
export function ringFeeder(rings: RoomRings): {
  told(channel: string, frame: EventFrame): void;
  silent(channel: string): void;
} {
  return {
    told(channel, frame) {
      if (channel.startsWith('room:') && isNumbered(frame)) rings.push(frame);
    },
    silent(channel) {
      if (channel.startsWith('room:')) rings.forget(channel.slice('room:'.length));
    },
  };
}

function isNumbered(frame: EventFrame): frame is NumberedFrame {
  return frame.event === 'message' || frame.event === 'room' || frame.event === 'member' || frame.event === 'read';
}
