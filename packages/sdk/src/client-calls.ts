/** What a client asks about more than one room, by one call each. */
import type { ChatPreferences, PublicUser, RoomSnapshot, RouteName } from '@confab/protocol';
import type { CallArgs, CallInput, CallOutput } from './http.ts';
import type { LiveRoom } from './live-room.ts';

type Query<N extends RouteName> = CallInput<N> extends { query?: infer Q } ? NonNullable<Q> : never;
/** Where to go on: `nextCursor` of the page before. */
export interface PageRequest {
  limit?: number;
  cursor?: string;
}
export interface SearchRequest extends PageRequest {
  /** Words, also beginnings of words, in any script. */
  q: string;
  roomId?: string;
  /** The author. */
  from?: string;
  /** Epoch ms: sent at this time or later. */
  after?: number;
  /** Epoch ms: sent before this time. */
  before?: number;
  has?: NonNullable<Query<'search'>['has']>;
  /** Only messages that mention me. */
  mentionsMe?: boolean;
}

export abstract class ClientCalls {
  /** Any REST call by its name in the protocol table: `client.call('updateRoom', {params, body})`. @throws ConfabError */
  abstract call<N extends RouteName>(name: N, ...args: CallArgs<N>): Promise<CallOutput<N>>;
  /** Takes in profiles that the answer of a `call` came with, so that `userById` knows them. */
  abstract learn(users: readonly PublicUser[]): void;
  protected abstract adopt(snapshot: RoomSnapshot): LiveRoom;

  /** @throws ConfabError bad_input, room_full, too_many_rooms */
  async createRoom(input: {
    name: string;
    topic?: string;
    memberIds?: string[];
    kind?: 'group' | 'public';
  }): Promise<LiveRoom> {
    return this.adopt(await this.call('createRoom', { body: input }));
  }

  /** The direct room with a person: made at the first call, the same one ever after. @throws ConfabError too_many_rooms */
  async directRoom(userId: string): Promise<LiveRoom> {
    return this.adopt(await this.call('directRoom', { body: { userId } }));
  }

  /** Public rooms, the ones with most members first; `q` is part of a name or topic. */
  publicRooms(query: PageRequest & { q?: string } = {}): Promise<CallOutput<'publicRooms'>> {
    return this.call('publicRooms', { query });
  }

  /**
   * Joins a public room or a language room, or follows a thread. Guests only join language rooms, until they go away.
   * @throws ConfabError not_found, room_full, too_many_rooms, room_archived, room_locked, banned_here; of a lounge
   * forbidden, members_only, age_confirmation_required
   */
  async joinRoom(roomId: string): Promise<LiveRoom> {
    return this.adopt(await this.call('joinRoom', { params: { roomId } }));
  }

  /** What an invitation leads to. @throws ConfabError invite_invalid */
  invite(code: string): Promise<CallOutput<'invite'>> {
    return this.call('invite', { params: { code } });
  }

  /** Joins by an invitation. @throws ConfabError invite_invalid, room_full, too_many_rooms, room_archived */
  async acceptInvite(code: string): Promise<LiveRoom> {
    return this.adopt(await this.call('acceptInvite', { params: { code } }));
  }

  /** Messages of my rooms that mention me, the newest first. */
  mentionsInbox(page: PageRequest = {}): Promise<CallOutput<'mentions'>> {
    return this.#learning(this.call('mentions', { query: page }));
  }

  /** My starred messages of all my rooms, the newest message first. */
  stars(page: PageRequest = {}): Promise<CallOutput<'stars'>> {
    return this.#learning(this.call('stars', { query: page }));
  }

  /** Messages I may read that hold all the words, the best match first. @throws ConfabError bad_input, not_found */
  search({ mentionsMe, ...query }: SearchRequest): Promise<CallOutput<'search'>> {
    const mine = mentionsMe === true && { mentionsMe: 'true' as const };
    return this.#learning(this.call('search', { query: { ...query, ...mine } }));
  }

  /** My messages waiting to be sent, the next one first, and those that were refused. */
  async scheduled(): Promise<CallOutput<'scheduled'>['scheduled']> {
    return (await this.call('scheduled')).scheduled;
  }

  /** Does not send it. @throws ConfabError not_found when it was sent already */
  async unschedule(scheduledId: string): Promise<void> {
    await this.call('unschedule', { params: { scheduledId } });
  }

  /** What I let others see. */
  preferences(): Promise<ChatPreferences> {
    return this.call('preferences');
  }

  updatePreferences(change: Partial<ChatPreferences>): Promise<ChatPreferences> {
    return this.call('updatePreferences', { body: change });
  }

  /** People whose username, or a word of whose name, begins with `q`. */
  async findUsers(q: string): Promise<PublicUser[]> {
    return (await this.#learning(this.call('findUsers', { query: { q } }))).users;
  }

  async #learning<T extends { users: PublicUser[] }>(answer: Promise<T>): Promise<T> {
    const { users } = await answer;
    this.learn(users);
    return answer;
  }
}
