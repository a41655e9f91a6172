import { type ErrorCode, LIMITS, type RouteSpec } from '@confab/protocol';
import type { FieldReference, Reference, RouteReference, TypePart, ValueReference } from './reference.ts';

/** The reference as one page: no script, its style in `/api/docs.css`. */
export function referencePage(reference: Reference): string {
  const { groups, clientEvents, serverEvents, errors, types } = reference;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Confab API</title>
<link rel="stylesheet" href="/api/docs.css">
</head>
<body>
<nav aria-label="Contents">
<a class="home" href="#top">Confab API</a>
${groups
  .map(({ name, routes }) =>
    contents(
      name,
      routes.map((r) => ({ id: `route-${r.name}`, text: r.name })),
    ),
  )
  .join('')}
${contents(
  'Events you send',
  clientEvents.map(({ name }) => ({ id: `send-${name}`, text: name })),
)}
${contents(
  'Events you receive',
  serverEvents.map(({ name }) => ({ id: `receive-${name}`, text: name })),
)}
${contents('Errors', [{ id: 'errors', text: 'All codes' }])}
${contents(
  'Types',
  types.map(({ name }) => ({ id: `type-${name}`, text: name })),
)}
</nav>
<main id="top">
<header>
<h1>Confab API</h1>
<p>Everything this server answers to, made from the tables it runs by. Also as <a href="/api/openapi.json">OpenAPI 3.1</a>.</p>
</header>
<section>
<h2>Conventions</h2>
<ul>
<li>Bodies are JSON in UTF-8, at most 64 KB, where a route takes no file. Unknown fields are refused in what you send; ignore those you do not know in what you receive.</li>
<li>A refused call answers <code>{"error": {"code", "message", "requestId", "details"?}}</code> with one of the <a href="#errors">codes</a>.</li>
<li>Every answer has an <code>x-request-id</code>: yours, if you send one, or a new one. It leads to the server’s log.</li>
<li>Times are milliseconds since 1970. Order comes from the counters <code>n</code> and <code>rev</code>, never from a time. Unread is counted up to ${LIMITS.unreadCap}.</li>
<li>The socket is Socket.IO, namespace <code>/</code>, <code>auth: {token}</code>. Each event you send is acknowledged with <code>{"ok": true, "data"}</code> or <code>{"ok": false, "error"}</code>.</li>
</ul>
</section>
${groups.map(({ name, routes }) => `<section><h2>${escape(name)}</h2>${routes.map(routeHtml).join('')}</section>`).join('\n')}
<section><h2>Events you send</h2>
${clientEvents
  .map((event) =>
    article(`send-${event.name}`, `<code>${escape(event.name)}</code>`, event.summary, [
      part('Input', event.input),
      part('Answer', event.output),
      codes(event.errors),
    ]),
  )
  .join('')}
</section>
<section><h2>Events you receive</h2>
${serverEvents
  .map((event) =>
    article(`receive-${event.name}`, `<code>${escape(event.name)}</code>`, event.summary, [
      part('Payload', event.payload),
    ]),
  )
  .join('')}
</section>
<section id="errors"><h2>Errors</h2>
<ul class="fields">
${errors
  .map(
    ({ code, status, retryable, message, details = [] }) =>
      `<li id="error-${code}"><code>${code}</code> <span class="type">${status}${retryable ? ', may succeed later' : ''}${details.length > 0 ? `, with ${details.join(', ')}` : ''}</span><p>${prose(message)}</p></li>`,
  )
  .join('\n')}
</ul>
</section>
<section><h2>Types</h2>
${types
  .map((type) =>
    article(`type-${type.name}`, escape(type.name), type.description, [
      type.fields.length > 0 ? fieldList(type.fields) : `<p class="type">${typeHtml(type.type)}</p>`,
    ]),
  )
  .join('')}
</section>
</main>
</body>
</html>
`;
}

function contents(title: string, links: { id: string; text: string }[]): string {
  const items = links.map(({ id, text }) => `<li><a href="#${escape(id)}">${escape(text)}</a></li>`);
  return `<details><summary>${escape(title)}</summary><ul>${items.join('')}</ul></details>\n`;
}

function bodyless(row: RouteSpec): string {
  if (row.download !== undefined) return `A file (<code>${row.download}</code>).`;
  return row.redirect === true ? 'Leads elsewhere.' : 'No body.';
}

function routeHtml({ name, row, access, inputs, output, status, errors, curl }: RouteReference): string {
  const title = `<span class="method ${row.method.toLowerCase()}">${row.method}</span> <code>${escape(row.path).replaceAll('/', '/<wbr>')}</code>`;
  const statuses = row.otherStatus === undefined ? `${status}` : `${status} or ${row.otherStatus}`;
  return article(`route-${name}`, title, row.summary, [
    `<p class="auth">${prose(access)}</p>`,
    ...inputs.map(({ where, value }) => part({ path: 'Path', query: 'Query', body: 'Body' }[where], value)),
    output === undefined || row.redirect === true
      ? `<h4>Answer ${statuses}</h4><p>${bodyless(row)}</p>`
      : part(`Answer ${statuses}`, output),
    codes(errors),
    `<details><summary>curl</summary><pre><code>${escape(curl)}</code></pre></details>`,
  ]);
}

function article(id: string, title: string, summary: string, body: string[]): string {
  const text = summary === '' ? '' : `<p>${prose(summary)}</p>`;
  return `<article id="${escape(id)}"><h3><a href="#${escape(id)}">${title}</a></h3>${text}${body.join('')}</article>\n`;
}

function part(title: string, { type, fields }: ValueReference): string {
  const empty = type[0] === 'object' && fields.length === 0;
  const body =
    fields.length > 0 ? fieldList(fields) : `<p class="type">${empty ? 'An empty object' : typeHtml(type)}</p>`;
  return `<h4>${escape(title)}</h4>${body}`;
}

function fieldList(fields: readonly FieldReference[]): string {
  const items = fields.map(({ name, type, required, form, description }) => {
    const notes = [...(required ? [] : ['optional']), ...(form === undefined ? [] : [`with ${form}`])];
    const optional = notes.length > 0 ? ` <span class="optional">${prose(notes.join(', '))}</span>` : '';
    const text = description === '' ? '' : `<p>${prose(description)}</p>`;
    return `<li><code>${escape(name)}</code> <span class="type">${typeHtml(type)}</span>${optional}${text}</li>`;
  });
  return `<ul class="fields">${items.join('')}</ul>`;
}

function codes(list: readonly ErrorCode[]): string {
  return `<h4>Errors</h4><p class="codes">${list.map((code) => `<a href="#error-${code}">${code}</a>`).join(' ')}</p>`;
}

function typeHtml(type: TypePart[]): string {
  return type
    .map((one) => (typeof one === 'string' ? escape(one) : `<a href="#type-${escape(one.ref)}">${escape(one.ref)}</a>`))
    .join('');
}

/** Text of the tables, in which back-ticks mark code. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
