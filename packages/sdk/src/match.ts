/** Meeting strangers. Each call answers how things stand; what follows is told by the event `match`. */
import type { ClientEventInput, ClientEventName, ClientEventOutput, MatchState } from '@confab/protocol';

type Request = <N extends ClientEventName>(event: N, input: ClientEventInput<N>) => Promise<ClientEventOutput<N>>;

export class Match {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  /**
   * Looks for somebody, and leaves whom I am with.
   * @throws ConfabError age_confirmation_required, silenced, network
   */
  find(wishes: ClientEventInput<'match:find'> = {}): Promise<MatchState> {
    return this.#request('match:find', wishes);
  }

  /**
   * Leaves this stranger for another one, with the same wishes.
   * @throws ConfabError not_found when I neither wait nor was with anybody, age_confirmation_required, silenced, network
   */
  next(): Promise<MatchState> {
    return this.#request('match:next', {});
  }

  /** Looks no more, and leaves whom I am with. Idempotent. @throws ConfabError network */
  stop(): Promise<MatchState> {
    return this.#request('match:stop', {});
  }

  /** How things stand, such as after a reconnect. @throws ConfabError network */
  state(): Promise<MatchState> {
    return this.#request('match:state', {});
  }
}
