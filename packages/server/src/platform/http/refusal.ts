/** The one way an error leaves over HTTP. */
import { type ErrorCode, errors, ProtocolError } from '@confab/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Duplex } from 'node:stream';
import { errorBody, toProtocolError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { REQUEST_ID_HEADER, runWithRequest } from '../requests.ts';

export interface RefusalOptions {
  log: Logger;
  metrics: Metrics;
  /** Sets the headers every answer carries; those sent by hooks are missing when Fastify refuses before them. */
  headers: Record<string, string>;
}

/** Answers `{error}` with the status of the closed table; logs what was not foreseen. */
export function refuse(options: RefusalOptions, thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = fromFastify(thrown) ?? toProtocolError(thrown);
  note(options, error, thrown, { method: request.method, route: request.routeOptions.url });
  const { status } = errors[error.code];
  if (error.details?.retryAfter !== undefined) void reply.header('retry-after', error.details.retryAfter);
  // RFC 9110 §11.6.1.
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply
    .code(status)
    .headers({ ...options.headers, [REQUEST_ID_HEADER]: request.id, 'cache-control': 'no-store' })
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: errorBody(error, request.id) }));
}

/** Answers what Node could not read as HTTP, on the bare socket. */
export function refuseSocket(options: RefusalOptions, id: string, thrown: NodeJS.ErrnoException, socket: Duplex): void {
  if (thrown.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code: ErrorCode = thrown.code === 'HPE_HEADER_OVERFLOW' ? 'payload_too_large' : 'malformed';
  const error = new ProtocolError(code);
  runWithRequest(id, () => note(options, error, thrown, {}));
  const body = JSON.stringify({ error: errorBody(error, id) });
  const headers = {
    ...options.headers,
    [REQUEST_ID_HEADER]: id,
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${errors[code].status} Refused\r\n${lines.join('')}\r\n${body}`);
}

/** Unknown paths, and known ones with another method. Called before the routes are added: it learns them as they come. */
export function bindNotFound(
  app: FastifyInstance,
  fallback: (request: FastifyRequest, reply: FastifyReply) => boolean,
) {
  const known = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const route = known.get(url) ?? { pattern: toPattern(url), methods: new Set() };
    for (const name of [method].flat()) route.methods.add(name);
    known.set(url, route);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.replace(/\?.*$/s, '');
    const allowed = new Set([...known.values()].filter((r) => r.pattern.test(path)).flatMap((r) => [...r.methods]));
    if (allowed.size > 0) {
      void reply.header('allow', [...allowed].toSorted().join(', '));
      throw new ProtocolError('method_not_allowed');
    }
    if (!fallback(request, reply)) throw new ProtocolError('not_found');
    return reply;
  });
}

function toPattern(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll('.', '\\.')));
  return new RegExp(`^${parts.join('/')}$`);
}

function note(options: RefusalOptions, error: ProtocolError, thrown: unknown, where: Record<string, unknown>): void {
  options.metrics.errors.inc({ code: error.code });
  if (error.code === 'internal') options.log.error({ err: thrown, ...where }, 'request failed');
  else if (error.code === 'unavailable') options.log.warn({ err: thrown, ...where }, 'a part is unavailable');
}

/** What Fastify itself refuses, in the terms of the table (its codes: fastify.dev/docs/latest/Reference/Errors). */
function fromFastify(thrown: unknown): ProtocolError | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('statusCode' in thrown)) return undefined;
  if (thrown.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new ProtocolError('unsupported_media_type');
  const refused = typeof thrown.statusCode === 'number' && thrown.statusCode >= 400 && thrown.statusCode < 500;
  return refused && String(thrown.code).startsWith('FST_') ? new ProtocolError('malformed') : undefined;
}
