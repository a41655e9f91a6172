/** Request ids: every log line and every answer of one request, or of one socket event, carries the same one. */
import { AsyncLocalStorage } from 'node:async_hooks';

export const REQUEST_ID_HEADER = 'x-request-id';

const ACCEPTED = /^[A-Za-z0-9._-]{1,64}$/;
const current = new AsyncLocalStorage<string>();

/** The id a client proposes, when it is 1 to 64 letters, digits, dots, dashes and underscores; otherwise a new one. */
export function acceptRequestId(proposed: unknown, fresh: () => string): string {
  return typeof proposed === 'string' && ACCEPTED.test(proposed) ? proposed : fresh();
}

/** Runs `fn`, and all that it starts, as part of the request `id`. */
export function runWithRequest<T>(id: string, fn: () => T): T {
  return current.run(id, fn);
}

/** The id of the request this code runs for; undefined outside of one. */
export function currentRequestId(): string | undefined {
  return current.getStore();
}
