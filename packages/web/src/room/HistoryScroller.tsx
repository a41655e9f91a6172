import { Component, createRef, type KeyboardEvent, type ReactNode } from 'react';
import { moveFocus } from './row-focus.ts';

/** What the reader sees of the loaded history. */
export interface View {
  /** Within reach of the first or last row: time to load more. */
  nearStart: boolean;
  nearEnd: boolean;
  atEnd: boolean;
  /** The newest message that is wholly visible. */
  lastSeenN: number | null;
}

interface Props {
  label: string;
  /** The rows reach the newest message: stay at the end when more arrive, if the reader is there. */
  reachesEnd: boolean;
  onView: (view: View) => void;
  children: ReactNode;
}

const NEAR_PX = 1200;
const AT_END_PX = 40;

/**
 * A scroller that keeps what the reader looks at in its place: at the end it follows what arrives, elsewhere rows added
 * or removed above do not move the rest.
 *
 * A class, because only `getSnapshotBeforeUpdate` can measure right before the DOM changes.
 */
export class HistoryScroller extends Component<Props> {
  readonly #box = createRef<HTMLDivElement>();
  readonly #content = createRef<HTMLOListElement>();
  readonly #sizes = new ResizeObserver(() => {
    if (this.#following) this.#jumpToEnd();
    this.#report();
  });
  #following = true;
  /** Where the reader was last known to be. */
  #top = 0;
  #frame = 0;

  override componentDidMount() {
    const box = this.#box.current;
    const content = this.#content.current;
    if (!box || !content) return;
    this.#sizes.observe(box);
    this.#sizes.observe(content);
    this.#jumpToEnd();
  }

  override componentWillUnmount() {
    this.#sizes.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  override getSnapshotBeforeUpdate({ reachesEnd }: Props): { row: HTMLElement; bottom: number } | null {
    const box = this.#box.current;
    // A scroll is only told of with the next frame: what arrives before that must not take the reader back.
    if (box && box.scrollTop !== this.#top) this.#scrolled(box, reachesEnd);
    if (this.#following) return null;
    let row: Element | null = this.#rowAt(box?.getBoundingClientRect().top ?? 0);
    // Separators and what stands above the first message may go; messages stay.
    while (row instanceof HTMLElement && row.dataset['n'] === undefined) row = row.nextElementSibling;
    return row instanceof HTMLElement ? { row, bottom: row.getBoundingClientRect().bottom } : null;
  }

  override componentDidUpdate(_props: Props, _state: unknown, kept: { row: HTMLElement; bottom: number } | null) {
    const box = this.#box.current;
    if (!box) return;
    if (this.#following && this.props.reachesEnd) this.#jumpToEnd();
    else if (kept?.row.isConnected) {
      // The bottom, because the first row of the old ones loses its head when it joins the group above.
      const moved = kept.row.getBoundingClientRect().bottom - kept.bottom;
      if (Math.abs(moved) >= 1) box.scrollTop += moved;
    }
    this.#schedule();
  }

  /** Tells anew what the reader sees. */
  look(): void {
    this.#schedule();
  }

  /** Goes to the end and stays there; smoothly, where that is a short way. */
  toEnd(): void {
    const box = this.#box.current;
    if (!box) return;
    if (this.#distanceToEnd(box) > 3 * box.clientHeight) this.#jumpToEnd();
    else box.scrollTo({ top: box.scrollHeight, behavior: 'smooth' });
  }

  /** Follows the end from the next update on. */
  follow(): void {
    this.#following = true;
    this.#top = this.#box.current?.scrollTop ?? 0;
  }

  /** Brings a row to the middle of the view, or to its upper part; false when it isn't there. */
  toRow(key: string, where: 'middle' | 'upper'): boolean {
    const box = this.#box.current;
    const row = this.#content.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (!box || !row) return false;
    const share = where === 'middle' ? 0.4 : 0.15;
    // Twice: rows on the way only get their true height once they are near.
    for (let pass = 0; pass < 2; pass += 1) {
      box.scrollTop += row.getBoundingClientRect().top - box.getBoundingClientRect().top - share * box.clientHeight;
    }
    // Near the end it is the end, also once the rows there have got their true height.
    this.#scrolled(box, this.props.reachesEnd);
    this.#schedule();
    return true;
  }

  #distanceToEnd(box: HTMLElement): number {
    return box.scrollHeight - box.scrollTop - box.clientHeight;
  }

  #jumpToEnd() {
    const box = this.#box.current;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    this.#top = box.scrollTop;
    this.#schedule();
  }

  // The first row that reaches below `y`, by bisection: rows are in order.
  #rowAt(y: number): HTMLElement | null {
    const rows = this.#content.current?.children ?? [];
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) > y) high = middle;
      else low = middle + 1;
    }
    const row = rows[low];
    return row instanceof HTMLElement ? row : null;
  }

  readonly #onScroll = () => {
    const box = this.#box.current;
    if (box) this.#scrolled(box, this.props.reachesEnd);
    this.#schedule();
  };

  #scrolled(box: HTMLElement, reachesEnd: boolean) {
    this.#top = box.scrollTop;
    this.#following = reachesEnd && this.#distanceToEnd(box) < AT_END_PX;
  }

  #schedule() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#report());
  }

  #report() {
    const box = this.#box.current;
    if (!box) return;
    const toEnd = this.#distanceToEnd(box);
    this.props.onView({
      nearStart: box.scrollTop < NEAR_PX,
      nearEnd: toEnd < NEAR_PX,
      atEnd: toEnd < AT_END_PX,
      lastSeenN: this.#lastSeenN(box),
    });
  }

  #lastSeenN(box: HTMLElement): number | null {
    const rows = this.#content.current;
    let row: Element | null = this.#rowAt(box.getBoundingClientRect().bottom + 1) ?? null;
    row = row === null ? (rows?.lastElementChild ?? null) : row.previousElementSibling;
    while (row instanceof HTMLElement && row.dataset['n'] === undefined) row = row.previousElementSibling;
    return row instanceof HTMLElement ? Number(row.dataset['n']) : null;
  }

  override render() {
    const { label, children } = this.props;
    return (
      // A region that scrolls must take the focus for the keyboard to scroll it; arrow keys walk through its rows.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
      <div
        ref={this.#box}
        role="log"
        aria-live="off"
        aria-label={label}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={this.#onScroll}
        onKeyDown={(event: KeyboardEvent) => moveFocus(event)}
        className="h-full overflow-x-hidden overflow-y-auto overscroll-contain focus-visible:-outline-offset-2"
      >
        <ol ref={this.#content} className="mx-auto flex min-h-full max-w-4xl flex-col justify-end pb-3">
          {children}
        </ol>
      </div>
    );
  }
}
