import { toast } from '../ui/toasts.tsx';
import { messageOf } from './problems.ts';

/** For what nobody waits for: tells when it fails. */
export function attempt(action: Promise<unknown>): void {
  action.catch((thrown: unknown) => toast(messageOf(thrown)));
}

export function copyText(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => toast('Copied.'),
    () => toast('The browser did not allow copying.'),
  );
}
