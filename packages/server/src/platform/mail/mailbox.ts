/** For development: mail is kept in memory and read on a page. */
import type { FastifyInstance } from 'fastify';
import { ProtocolError } from '@confab/protocol';
import type { Clock } from '../clock.ts';
import { isLocal } from '../local.ts';
import { demandSafe, type Mail, type Mailer } from './index.ts';

const KEPT = 100;
const PATH = '/dev/mailbox';

interface Kept extends Mail {
  id: string;
  /** Epoch ms. */
  at: number;
}

export interface Mailbox extends Mailer {
  /**
   * Serves it at /dev/mailbox, the newest first, as JSON to those who ask for that. It holds everybody's codes: it is shown
   * to programs on the same machine alone, and to none through a proxy or under another name than localhost.
   */
  bind(app: FastifyInstance): void;
}

export function createMailbox(clock: Clock): Mailbox {
  const mails: Kept[] = [];
  return {
    async send(mail, id) {
      demandSafe(mail);
      if (mails.some((kept) => kept.id === id)) return;
      mails.unshift({ ...mail, id, at: clock.now() });
      mails.length = Math.min(mails.length, KEPT);
    },
    close: () => undefined,
    bind(app) {
      app.get(PATH, (request, reply) => {
        if (!isLocal(request)) throw new ProtocolError('not_found');
        void reply.header('cache-control', 'no-store').header('vary', 'accept');
        if (request.headers.accept?.includes('application/json') === true) return reply.send({ mails });
        return reply.type('text/html; charset=utf-8').send(page(mails));
      });
      app.get(`${PATH}.css`, (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
    },
  };
}

const STYLE = `body { max-width: 45rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
article { margin: 1.5rem 0; padding: 1rem; border: 1px solid #8888; border-radius: 0.5rem; }
h2 { margin: 0; font-size: 1.1rem; }
p { margin: 0; opacity: 0.75; }
pre { margin: 1rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
`;

function page(mails: readonly Kept[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mailbox</title>
<link rel="stylesheet" href="${PATH}.css">
</head>
<body>
<h1>Mailbox</h1>
<p>What this server has mailed since it started. Set SMTP_URL to have it sent.</p>
${mails.map(article).join('\n') || '<p>Nothing yet.</p>'}
</body>
</html>
`;
}

function article({ to, subject, text, at }: Kept): string {
  const time = new Date(at).toISOString();
  return `<article>
<h2>${escape(subject)}</h2>
<p>To ${escape(to)}, <time datetime="${time}">${time.slice(0, 19).replace('T', ' ')} UTC</time></p>
<pre>${linked(text)}</pre>
</article>`;
}

/** Escaped, addresses of pages as links. */
function linked(text: string): string {
  const parts = text.split(/(https?:\/\/[^\s<>"']+)/);
  return parts
    .map((part, i) => (i % 2 === 1 ? `<a href="${escape(part)}">${escape(part)}</a>` : escape(part)))
    .join('');
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
