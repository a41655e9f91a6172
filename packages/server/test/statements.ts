/** What the database is asked by the servers of this process. */
import pg from 'pg';
import { vi } from 'vitest';

/**
 * The statements from here on, in order, by name or else by text; until `vi.restoreAllMocks`.
 * @param hold a promise for those that are to wait for it
 */
export function watchDatabase(hold: (name: string) => Promise<void> | undefined = () => undefined): string[] {
  const asked: string[] = [];
  const query = Reflect.get(pg.Client.prototype, 'query') as (this: pg.Client, ...args: unknown[]) => unknown;
  const watched = function (this: pg.Client, ...args: unknown[]): unknown {
    const [first] = args as [string | { name?: string; text: string }];
    const name = typeof first === 'string' ? first : (first.name ?? first.text);
    asked.push(name);
    const held = hold(name);
    return held === undefined ? query.apply(this, args) : held.then(() => query.apply(this, args));
  };
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(watched);
  return asked;
}
