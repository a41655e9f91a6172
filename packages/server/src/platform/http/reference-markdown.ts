import type { ErrorCode } from '@confab/protocol';
import type { FieldReference, Reference, RouteReference, TypePart, ValueReference } from './reference.ts';

const NOTE = '<!-- Generated from packages/protocol by `npm run docs`: change the tables, not this file. -->';
/** The files of docs/reference, by name. */
export function referenceFiles(reference: Reference): Record<string, string> {
  return {
    'rest.md': restFile(reference),
    'events.md': eventsFile(reference),
    'errors.md': errorsFile(reference),
    'types.md': typesFile(reference),
  };
}

function restFile(reference: Reference): string {
  const groups = reference.groups.map(({ name, routes }) => `## ${name}\n\n${routes.map(routeText).join('\n')}`);
  return `${NOTE}

# REST

Every route of the server. Bodies are JSON, at most 64 KB, in UTF-8, where a route takes no file. A refused call answers
[\`{"error": …}\`](errors.md). Names such as [Message](types.md#message) are described in [types](types.md). The same
as OpenAPI: \`/api/openapi.json\` on every server. In the examples \`$CONFAB\` is the server's address.

${groups.join('\n')}`;
}

function routeText({ name, row, access, inputs, output, status, errors, curl }: RouteReference): string {
  const parts = [`### ${name}`, `\`${row.method} ${row.path}\``, row.summary, access];
  for (const { where, value } of inputs)
    parts.push(`${{ path: 'Path', query: 'Query', body: 'Body' }[where]}:`, valueText(value));
  if (row.download !== undefined) parts.push(`Answers \`${status}\` with a file (\`${row.download}\`).`);
  else if (row.redirect === true) parts.push(`Answers \`${status}\`, leading elsewhere.`);
  else if (output === undefined) parts.push(`Answers \`${status}\` without a body.`);
  else {
    const statuses = row.otherStatus === undefined ? `\`${status}\`` : `\`${status}\` or \`${row.otherStatus}\``;
    parts.push(`Answers ${statuses}${output.fields.length > 0 ? ':' : ` ${typeText(output.type)}.`}`);
    if (output.fields.length > 0) parts.push(valueText(output));
  }
  parts.push(`Errors: ${errorLinks(errors)}`, `\`\`\`sh\n${curl}\n\`\`\``);
  return `${parts.join('\n\n')}\n`;
}

function eventsFile({ clientEvents, serverEvents }: Reference): string {
  const fromClient = clientEvents.map(({ name, summary, input, output, errors }) => {
    const parts = [`### ${name}`, summary, 'Input:', valueText(input), 'Answer:', valueText(output)];
    return `${[...parts, `Errors: ${errorLinks(errors)}`].join('\n\n')}\n`;
  });
  const fromServer = serverEvents.map(
    ({ name, summary, payload }) => `${[`### ${name}`, summary, valueText(payload)].join('\n\n')}\n`,
  );
  return `${NOTE}

# Events

Socket.IO, namespace \`/\`, with \`auth: {token}\` holding an access token. A refused handshake gives \`connect_error\`
with the error object in \`data\`. Binary attachments are refused; a frame holds at most 64 KB.

## Client to server

Each is acknowledged with \`{"ok": true, "data": …}\` or \`{"ok": false, "error": …}\`, the error as in
[errors](errors.md).

${fromClient.join('\n')}
## Server to client

${fromServer.join('\n')}`;
}

function errorsFile({ errors }: Reference): string {
  const rows = errors.map(
    ({ code, status, retryable, message, details = [] }) =>
      `### ${code}\n\n${message}\n\n\`${status}\`${retryable ? ', the same request may succeed later' : ''}${details.length > 0 ? `. Details: ${details.map((one) => `\`${one}\``).join(', ')}` : ''}\n`,
  );
  return `${NOTE}

# Errors

A refused REST call answers the status of its code and \`{"error": {"code", "message", "requestId", "details"?}}\`; a
refused event is acknowledged with \`{"ok": false, "error": …}\`, the same object. \`requestId\` is also in the server's
log. What \`details\` may hold stands with each code, in the form of [Error](types.md#error); each of them may be left out.

## Codes

${rows.join('\n')}`;
}

function typesFile({ types }: Reference): string {
  const texts = types.map(({ name, description, type, fields }) => {
    const parts = [`## ${name}`, ...(description === '' ? [] : [description])];
    parts.push(fields.length > 0 ? fields.map(fieldText).join('\n') : `${sentence(typeText(type))}`);
    return `${parts.join('\n\n')}\n`;
  });
  return `${NOTE}

# Types

What [routes](rest.md) and [events](events.md) refer to by name. Objects may gain fields: ignore those you do not know.

${texts.join('\n')}`;
}

function valueText({ type, fields }: ValueReference): string {
  return fields.length > 0
    ? fields.map(fieldText).join('\n')
    : sentence(type[0] === 'object' ? 'an empty object' : typeText(type));
}

function fieldText({ name, type, required, form, description }: FieldReference): string {
  const notes = [...(required ? [] : ['optional']), ...(form === undefined ? [] : [`with ${form}`])];
  const text = `- \`${name}\`: ${typeText(type)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
  return description === '' ? text : `${text}. ${description}`;
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}

function typeText(type: TypePart[]): string {
  return type
    .map((part) => (typeof part === 'string' ? part : `[${part.ref}](types.md#${part.ref.toLowerCase()})`))
    .join('');
}

function errorLinks(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `[${code}](errors.md#${code})`).join(', ');
}
