import { type RefObject, useEffect, useRef } from 'react';

/**
 * Calls `restore` when what had the focus is gone, such as the button of a row that was decided, or a dialog that it opened.
 * @param within only what had the focus in there counts; anything unless told
 */
export function useKeptFocus(restore: () => void, within?: RefObject<HTMLElement | null>): void {
  const focused = useRef<Element | null>(null);
  useEffect(() => {
    const onFocusIn = () => {
      const { activeElement } = document;
      focused.current = within === undefined || within.current?.contains(activeElement) === true ? activeElement : null;
    };
    document.addEventListener('focusin', onFocusIn);
    return () => document.removeEventListener('focusin', onFocusIn);
  }, [within]);
  // After every change.
  useEffect(() => {
    if (document.activeElement === document.body && focused.current?.isConnected === false) restore();
  });
}
