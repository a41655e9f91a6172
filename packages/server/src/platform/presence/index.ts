/** How lively a person is: one of their devices is in use, or all are idle. Who has none connected is not there. */
export type Liveness = 'active' | 'idle';

/** A connection of this node. */
export interface Device {
  connectionId: string;
  userId: string;
  idle: boolean;
}

/** Of one person, around one change of a device. null: not there. */
export interface Change {
  before: Liveness | null;
  after: Liveness | null;
}

/**
 * People whose liveness may have changed without a call on this node, and what it is now. `agoMs`: how long those who
 * are not there may be gone already.
 */
export type Changed = (people: ReadonlyMap<string, Liveness | null>, agoMs: number) => void;

/**
 * Who is connected, over all nodes. Each node holds a lease: when it dies its devices count no more once the lease has
 * run out, and another node tells of it (`Changed`). Changes of one person are atomic: of two devices that go at the
 * same time exactly one answers `after: null`.
 */
export interface PresenceStore {
  /** From here on `changed` is called. Resolves once there is a lease. */
  start(changed: Changed): Promise<void>;
  /** Records a device, or its new state. Idempotent. While the store is away it is made up for later, by `Changed`. */
  put(device: Device): Promise<Change>;
  /** The device is gone. Idempotent. Made up for like `put`. */
  remove(connectionId: string): Promise<Change>;
  /** Those of `userIds` who are there. @throws ProtocolError unavailable */
  read(userIds: readonly string[]): Promise<ReadonlyMap<string, Liveness>>;
  /** Everybody who is there, in no order: tens of thousands of ids perhaps, for figures that are kept a while. @throws ProtocolError unavailable */
  everyone(): Promise<string[]>;
  /** Gives the lease back; the devices left are gone. */
  close(): Promise<void>;
}
