import { type ComponentProps, type ReactNode, useLayoutEffect, useRef } from 'react';
import { classes } from './classes.ts';

const GAP_PX = 6;

interface Props extends Omit<ComponentProps<'div'>, 'popover' | 'ref' | 'onToggle'> {
  /** Where what it belongs to is; that may be gone by now. */
  anchor: DOMRect;
  onClose: () => void;
  children: ReactNode;
}

/**
 * Hangs below (or above) its anchor while mounted, over everything else. Escape and a click outside call `onClose`; focus
 * goes to the first element with `data-autofocus`, and returns to where it was.
 */
export function Popover({ anchor, onClose, className, children, ...rest }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const before = document.activeElement;
    element.showPopover();
    place(element, anchor);
    const sizes = new ResizeObserver(() => place(element, anchor));
    sizes.observe(element);
    element.querySelector<HTMLElement>('[data-autofocus]')?.focus({ preventScroll: true });
    return () => {
      sizes.disconnect();
      const hadFocus = element.contains(document.activeElement) || document.activeElement === document.body;
      if (element.matches(':popover-open')) element.hidePopover();
      if (hadFocus && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [anchor]);

  return (
    <div
      {...rest}
      ref={ref}
      popover="auto"
      onToggle={(event) => event.newState === 'closed' && onClose()}
      className={classes(
        'fixed inset-auto m-0 max-h-[min(36rem,calc(100dvh-1rem))] max-w-[calc(100vw-1rem)] animate-rise overflow-y-auto rounded-xl border bg-raised text-ink shadow-pop',
        className,
      )}
    >
      {children}
    </div>
  );
}

function place(element: HTMLElement, anchor: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = element;
  const { clientWidth, clientHeight } = document.documentElement;
  const below = anchor.bottom + GAP_PX;
  const top = below + height <= clientHeight - GAP_PX ? below : Math.max(GAP_PX, anchor.top - GAP_PX - height);
  const left = anchor.left + width <= clientWidth - GAP_PX ? anchor.left : anchor.right - width;
  element.style.top = `${Math.min(top, Math.max(GAP_PX, clientHeight - height - GAP_PX))}px`;
  element.style.left = `${Math.max(GAP_PX, left)}px`;
}
