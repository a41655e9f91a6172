/** What a live room needs of the client it belongs to. */
import type {
  ClientEventInput,
  ClientEventName,
  ClientEventOutput,
  Message,
  PublicUser,
  RouteName,
} from '@confab/protocol';
import type { Clock } from './clock.ts';
import type { ConfabError } from './error.ts';
import type { CallInput, CallOutput } from './http.ts';
import type { Outbox } from './outbox.ts';

export interface RoomHost {
  readonly me: PublicUser;
  readonly clock: Clock;
  readonly random: () => number;
  readonly outbox: Outbox;
  /** Connected, and no sync of all rooms is under way: rooms may repair themselves. `RoomCore.resume` tells when. */
  ready(): boolean;
  /** One event over the socket. @throws ConfabError network when there is no connection or no answer in time */
  request<N extends ClientEventName>(event: N, input: ClientEventInput<N>): Promise<ClientEventOutput<N>>;
  call<N extends RouteName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  learn(users: readonly PublicUser[]): void;
  /** The people I block; null while that is not known. */
  blocked(): ReadonlySet<string> | null;
  /** Something the chat list shows has changed. */
  changed(): void;
  announce(message: Message): void;
  /** Whether anyone listens to announcements. */
  heard(): boolean;
  report(error: ConfabError): void;
}
