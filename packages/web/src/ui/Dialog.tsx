import { X } from 'lucide-react';
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { IconButton } from './Button.tsx';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/**
 * Modal while mounted. Escape, the cross and a click outside call `onClose`. Focus goes to the first field with
 * `autoFocus`, and returns to where it was.
 */
export function Dialog({ title, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // React focused the field before the dialog was shown, which does nothing.
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => dialog?.close();
  }, []);

  return (
    // Escape, which `cancel` reports, is the keyboard's way to do what a click outside does.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className="m-auto w-[min(30rem,calc(100vw-2rem))] animate-rise rounded-2xl border bg-raised text-ink shadow-dialog max-sm:mb-4"
    >
      <div className="flex max-h-[calc(100dvh-4rem)] flex-col">
        <header className="flex items-center justify-between gap-4 py-3 pr-3 pl-6">
          <h2 id={titleId} className="text-lg font-semibold">
            {title}
          </h2>
          <IconButton label="Close" onClick={onClose}>
            <X size={20} aria-hidden />
          </IconButton>
        </header>
        <div className="min-h-0 scroll-pb-24 overflow-y-auto">
          <div className="px-6 pt-1 pb-6">{children}</div>
        </div>
      </div>
    </dialog>
  );
}

/** The row of buttons at the end of a dialog: in view however long the dialog is. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="sticky bottom-0 -mx-6 mt-6 -mb-6 flex justify-end gap-3 bg-raised px-6 pb-6 before:pointer-events-none before:absolute before:inset-x-0 before:-top-5 before:h-5 before:bg-linear-to-t before:from-raised before:to-transparent">
      {children}
    </div>
  );
}
