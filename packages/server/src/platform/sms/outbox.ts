/** For development: text messages are kept in memory and read on a page. */
import type { FastifyInstance } from 'fastify';
import { ProtocolError } from '@confab/protocol';
import type { Clock } from '../clock.ts';
import { isLocal } from '../local.ts';
import type { Sms } from './index.ts';

const KEPT = 100;

interface Kept {
  to: string;
  text: string;
  /** Epoch ms. */
  at: number;
}

export interface SmsOutbox extends Sms {
  /**
   * Serves it at /dev/sms, the newest first, as JSON to those who ask for that. It holds everybody's codes: it is shown to
   * programs on the same machine alone, and to none through a proxy or under another name than localhost.
   */
  bind(app: FastifyInstance): void;
}

export function createSmsOutbox(clock: Clock): SmsOutbox {
  const messages: Kept[] = [];
  return {
    send(to, text) {
      messages.unshift({ to, text, at: clock.now() });
      messages.length = Math.min(messages.length, KEPT);
      return Promise.resolve();
    },
    bind(app) {
      app.get('/dev/sms', (request, reply) => {
        if (!isLocal(request)) throw new ProtocolError('not_found');
        void reply.header('cache-control', 'no-store').header('vary', 'accept');
        if (request.headers.accept?.includes('application/json') === true) return reply.send({ messages });
        return reply.type('text/plain; charset=utf-8').send(page(messages));
      });
    },
  };
}

function page(messages: readonly Kept[]): string {
  const shown = messages.map(({ to, text, at }) => `${new Date(at).toISOString()} to ${to}\n${text}\n`);
  return [
    'What this server has texted since it started. Set TWILIO_ACCOUNT_SID to have it sent.\n',
    ...(shown.length > 0 ? shown : ['Nothing yet.\n']),
  ].join('\n');
}
