/** What accounts text to people. Enqueued by the transaction that causes it, and sealed until it is sent. */
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { JobKind, Jobs } from '../../platform/jobs/index.ts';
import type { Logger } from '../../platform/log.ts';
import { type Sms, SmsRefusedError } from '../../platform/sms/index.ts';
import { deriveKey, open, seal } from './secrets.ts';

export interface Texts {
  /** False where no text message can be sent: then what needs it answers `not_enabled`. */
  readonly enabled: boolean;
  /**
   * Exactly if the transaction is committed, the text is sent, tried again for as long as `until` allows. A lost answer of
   * the provider may have it sent twice.
   * @param to E.164
   * @param until epoch ms after which it is of no use any more
   */
  send(tx: Queryable, to: string, text: string, until: number): Promise<void>;
}

const kind: JobKind<{ sealed: string; until: number }> = {
  name: 'accounts.text',
  payload: z.object({ sealed: z.string(), until: z.number() }),
};
const CONTEXT = 'text';

interface TextsOptions {
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  master: Buffer;
  sms: Sms | undefined;
}

export function createTexts({ jobs, clock, log, master, sms }: TextsOptions): Texts {
  const key = deriveKey(master, 'sms');

  jobs.handle(kind, async ({ sealed, until }) => {
    if (sms === undefined || until <= clock.now()) return;
    const opened = open(key, Buffer.from(sealed, 'base64'), CONTEXT);
    if (opened === undefined) throw new Error('a text cannot be opened');
    const { to, text } = JSON.parse(opened) as { to: string; text: string };
    try {
      await sms.send(to, text);
    } catch (error) {
      if (!(error instanceof SmsRefusedError)) throw error;
      log.warn({ err: error }, 'a text message was refused');
    }
  });

  return {
    enabled: sms !== undefined,
    async send(tx, to, text, until) {
      const sealed = seal(key, JSON.stringify({ to, text }), CONTEXT).toString('base64');
      await jobs.enqueue(tx, kind, { sealed, until });
    },
  };
}
