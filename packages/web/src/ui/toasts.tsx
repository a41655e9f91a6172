/** Short notices at the edge of the screen, for what went wrong outside a form. */
import { X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { IconButton } from './Button.tsx';

interface Toast {
  id: number;
  text: string;
}

const SECONDS = 6;
let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}
const dismiss = (id: number) => set(toasts.filter((toast) => toast.id !== id));

/** Shows a notice for a few seconds. */
export function toast(text: string): void {
  lastId += 1;
  const id = lastId;
  set([...toasts.filter((other) => other.text !== text), { id, text }].slice(-3));
  setTimeout(() => dismiss(id), SECONDS * 1000);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-4 top-4 z-20 flex flex-col items-center gap-2">
      {shown.map(({ id, text }) => (
        <div
          key={id}
          className="pointer-events-auto flex max-w-md animate-rise items-center gap-2 rounded-xl border bg-raised py-1 pr-1 pl-4 shadow-pop"
        >
          <p>{text}</p>
          <IconButton label="Dismiss" onClick={() => dismiss(id)}>
            <X size={18} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
