/**
 * Work that many connections bring at once, in the order in which it came: so many pieces in one turn of the event loop, and
 * the next in the next, so that everything else gets its turn in between. What comes by itself is done in the same turn.
 */
export class Slices {
  readonly #perTurn: number;
  #waiting: (() => void)[] = [];

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  add(work: () => void): void {
    this.#waiting.push(work);
    if (this.#waiting.length === 1) this.#inThisTurn();
  }

  // After what is there to be read was read; an immediate that another sets waits for the next turn.
  #inThisTurn(): void {
    setImmediate(() => {
      const slice = this.#waiting.slice(0, this.#perTurn);
      this.#waiting = this.#waiting.slice(this.#perTurn);
      if (this.#waiting.length > 0) this.#inThisTurn();
      for (const work of slice) work();
    });
  }
}
