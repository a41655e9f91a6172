/** Sensitive changes ask once more who it is. */
import { ConfabError } from '@confab/sdk';
import { lazy, Suspense, useSyncExternalStore } from 'react';

const StepUpDialog = lazy(async () => ({ default: (await import('./StepUpDialog.tsx')).StepUpDialog }));

/** Settles what waits for the proof: true when it was given, false when it was not. */
type Settle = (proven: boolean) => void;

let waiting: readonly Settle[] = [];
const listeners = new Set<() => void>();
function set(next: readonly Settle[]) {
  waiting = next;
  for (const listener of listeners) listener();
}

/**
 * Runs `action`; when the server wants to know first that it is really me, a dialog asks for a proof, and `action` runs
 * once more.
 * @throws ConfabError step_up_required when the dialog was closed without a proof, and whatever `action` throws
 */
export async function withStepUp<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof ConfabError) || thrown.code !== 'step_up_required') throw thrown;
    if (!(await new Promise<boolean>((settle) => set([...waiting, settle])))) throw thrown;
    return action();
  }
}

/** Where the dialog appears: once, around everything. */
export function StepUp() {
  const asked = useSyncExternalStore(subscribe, () => waiting.length > 0);
  if (!asked) return null;
  return (
    <Suspense fallback={null}>
      <StepUpDialog onClose={settleAll} />
    </Suspense>
  );
}

function settleAll(proven: boolean): void {
  const settled = waiting;
  set([]);
  for (const settle of settled) settle(proven);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
