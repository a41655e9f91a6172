/** A copy of one room, advanced change by change in order of `rev`, whatever order they arrive in. */
import type { Message, RoomChanges } from '@confab/protocol';
import type { Clock } from './clock.ts';
import { applyChanges, applyEvent, type RoomEvent } from './reducer.ts';
import type { RoomState } from './types.ts';

/** ms a change may be late before it counts as lost. */
const LATE = 150;
/** Events kept for later; beyond it they are left to the next answer of the server. */
const MAX_WAITING = 1000;

interface ReplicaOptions {
  meId: string;
  clock: Clock;
  /** The state was replaced. `told` are the messages the server spoke of, whether or not they are in the window. */
  onChange: (told: readonly Message[]) => void;
  /** Events alone cannot go on: the changes since `state.rev` are needed. */
  onGap: () => void;
}

export class Replica {
  readonly #options: ReplicaOptions;
  #state: RoomState | null = null;
  /** Ascending by rev. */
  #waiting: RoomEvent[] = [];
  /** Only an answer of the server can go on: events wait for it. */
  #held = false;
  #timer: { cancel(): void } | undefined;

  constructor(options: ReplicaOptions) {
    this.#options = options;
  }

  get state(): RoomState | null {
    return this.#state;
  }

  /** Nothing is missing, as far as can be told. */
  get settled(): boolean {
    return !this.#held && this.#waiting.length === 0;
  }

  receive(event: RoomEvent): void {
    const at = this.#waiting.findLastIndex((waiting) => waiting.payload.rev <= event.payload.rev) + 1;
    this.#waiting.splice(at, 0, event);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.pop();
    this.#drain();
  }

  /** Events wait until `load`, `catchUp` or `release`: an answer of the server is on its way that must not be older. */
  hold(): void {
    this.#held = true;
  }

  /** No answer came. */
  release(): void {
    this.#held = false;
    this.#drain();
  }

  /** Takes a fresh state. */
  load(state: RoomState): void {
    this.#held = false;
    this.#replace(state, state.messages);
    this.#drain();
  }

  /** Applies what changed since `state.rev`. 'reload': a fresh state is needed instead. */
  catchUp(changes: RoomChanges): 'done' | 'reload' {
    if (!this.#state) return 'reload';
    const next = applyChanges(this.#state, changes);
    if (next === 'reload') return 'reload';
    this.#held = false;
    if (next !== this.#state) this.#replace(next, changes.messages);
    this.#drain();
    return 'done';
  }

  /** A change that is not the server's: what the window shows, for example. */
  update(change: (state: RoomState) => RoomState): void {
    if (this.#state) this.#replace(change(this.#state), []);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#waiting = [];
  }

  #drain(): void {
    for (const event of this.#waiting.splice(0)) {
      if (this.#held || !this.#state || isAhead(event, this.#state)) this.#waiting.push(event);
      else this.#apply(this.#state, event);
    }
    // While held, an answer is on its way anyhow.
    if (this.#waiting.length === 0 || this.#held) {
      this.#timer?.cancel();
      this.#timer = undefined;
    } else {
      this.#timer ??= this.#options.clock.setTimeout(() => {
        this.#timer = undefined;
        this.#options.onGap();
      }, LATE);
    }
  }

  #apply(state: RoomState, event: RoomEvent): void {
    const next = applyEvent(state, event, this.#options.meId);
    if (next === 'gap') {
      this.#held = true;
      this.#options.onGap();
    } else if (next !== state) {
      this.#replace(next, event.event === 'message' ? [event.payload.message] : []);
    }
  }

  #replace(state: RoomState, told: readonly Message[]): void {
    this.#state = state;
    this.#options.onChange(told);
  }
}

// An unnumbered event belongs to the state at its rev, any other one makes it.
function isAhead({ event, payload }: RoomEvent, state: RoomState): boolean {
  const numbered = event !== 'me' || payload.numbered;
  return payload.rev > state.rev + (numbered ? 1 : 0);
}
