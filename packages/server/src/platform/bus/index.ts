import type { ServerEventName, ServerEventPayload } from '@confab/protocol';

/**
 * `room:<id>` reaches the members of a room, `user:<id>` every connection of a person, `presence:<id>` the nodes where
 * somebody looks at a person; `sessions` tells nodes of ended ones, `caches` of what they may no longer remember.
 */
export type Channel = `room:${string}` | `user:${string}` | `presence:${string}` | 'sessions' | 'caches';

/** One event on its way to clients. */
export type EventFrame = {
  [N in ServerEventName]: {
    event: N;
    payload: ServerEventPayload<N>;
    /** People whose connections are passed over: they are told in their own words on `user:<id>`. */
    except?: readonly string[];
  };
}[ServerEventName];

/** What nodes tell each other beside client events. */
export type SessionFrame =
  /** `userId`: their owner, where all of one person ended at once. */
  | { event: 'sessions:ended'; payload: { sessionIds: string[]; reason: string; userId?: string } }
  /** These people may do more, or less, than before. */
  | { event: 'sessions:changed'; payload: { userIds: string[] } };

/**
 * What was remembered is out of date: of these people whom they block and who blocks them, or their public profile; or the lounges, who is
 * silenced on the whole instance, which networks are kept out.
 */
export type StaleFrame = {
  event: 'caches:stale';
  payload: {
    blocks?: string[];
    profiles?: string[];
    automod?: string[];
    lounges?: true;
    silences?: true;
    addressBans?: true;
  };
};

/** How this person appears may have changed. */
export type PresenceFrame = { event: 'presence:changed'; payload: { userId: string } };

export type Frame = EventFrame | SessionFrame | StaleFrame | PresenceFrame;
export type Listener = (frame: Frame, channel: Channel) => void;

/**
 * Carries frames between nodes, at most once: a hint, while `sync` is the truth. Frames of one publisher on one channel
 * arrive in the order they were published, or not at all. A publisher receives its own frames, by the same path.
 */
export interface Bus {
  /** Never waits and never throws; a frame that cannot be carried is counted and dropped. */
  publish(channel: Channel, frame: Frame): void;
  /** Resolves once frames published from then on will arrive. Several listeners on a channel are each called. */
  subscribe(channel: Channel, listener: Listener): Promise<Unsubscribe>;
  close(): Promise<void>;
}

/** Idempotent; no frame arrives after it. */
export type Unsubscribe = () => void;
