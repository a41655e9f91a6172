/** What accounts write to people. Enqueued by the transaction that causes it, and sealed until it is sent. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { JobKind, Jobs } from '../../platform/jobs/index.ts';
import type { Logger } from '../../platform/log.ts';
import { type Mailer, MailRefusedError } from '../../platform/mail/index.ts';
import { type Letter, renderLetter } from './letter-texts.ts';
import { deriveKey, open, seal } from './secrets.ts';

export type { Letter };

export interface Letters {
  /** False where no mail can be sent: then what needs it answers `not_enabled`. */
  readonly enabled: boolean;
  /**
   * Exactly if the transaction is committed, the letter is sent, tried again for as long as `until` allows. Without mail
   * nothing happens.
   * @param until epoch ms after which it is of no use any more, such as the end of the code it holds
   */
  send(tx: Queryable, to: string, letter: Letter, until?: number): Promise<void>;
}

const kind: JobKind<{ sealed: string; until?: number | undefined }> = {
  name: 'accounts.letter',
  payload: z.object({ sealed: z.string(), until: z.number().optional() }),
};
const CONTEXT = 'letter';

interface LettersOptions {
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  master: Buffer;
  mailer: Mailer | undefined;
  /** Where people reach this installation, without a slash at the end. Never taken from a request. */
  baseUrl: () => string;
}

export function createLetters({ jobs, clock, log, master, mailer, baseUrl }: LettersOptions): Letters {
  const key = deriveKey(master, 'mail');

  jobs.handle(kind, async ({ sealed, until }, id) => {
    if (mailer === undefined || (until !== undefined && until <= clock.now())) return;
    const opened = open(key, Buffer.from(sealed, 'base64'), CONTEXT);
    if (opened === undefined) throw new Error('a letter cannot be opened');
    const { to, letter } = JSON.parse(opened) as { to: string; letter: Letter };
    try {
      // Jobs of another database may have the same id.
      const mailId = `${id}.${createHash('sha256').update(sealed).digest('hex').slice(0, 32)}`;
      await mailer.send({ to, ...renderLetter(letter, baseUrl()) }, mailId);
    } catch (error) {
      if (!(error instanceof MailRefusedError)) throw error;
      log.warn({ err: error, letter: letter.about }, 'a letter was refused');
    }
  });

  return {
    enabled: mailer !== undefined,
    async send(tx, to, letter, until) {
      if (mailer === undefined) return;
      const sealed = seal(key, JSON.stringify({ to, letter }), CONTEXT).toString('base64');
      await jobs.enqueue(tx, kind, { sealed, ...(until === undefined ? {} : { until }) });
    },
  };
}
