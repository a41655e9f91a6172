/** One route per handler: authenticate, parse, act, present. */
import {
  GUESTS_MAY,
  isAtLeast,
  ProtocolError,
  rest,
  type RouteName,
  type RouteSpec,
  scopeOfRoute,
  type Upload,
} from '@confab/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { z } from 'zod';
import type { Actor } from '../actor.ts';
import { addressKey } from '../addresses.ts';
import { parseInput } from '../errors.ts';
import type { Limiter } from '../limiter/index.ts';
import { readFile } from './bodies.ts';
import { type BoundRoute, type Call, type Download, type RestHandlers, Repeated } from './index.ts';

/** As much of the accounts module as it takes to know who calls. */
export interface TokenCheck {
  /** @throws ProtocolError unauthenticated, token_expired, session_ended */
  authenticate(token: string): Promise<{ actor: Actor }>;
  /** @throws ProtocolError step_up_required */
  demandStepUp(actor: Actor): Promise<void>;
}

// Types cannot follow a handler through a loop over the table; its row guarantees what the schemas have checked.
type AnyHandler = (request: {
  params: unknown;
  query: unknown;
  body: unknown;
  call: Call;
  actor: Actor | null;
}) => Promise<unknown>;

/**
 * Registers the routes of `handlers`. Before a handler runs, the caller is authenticated, has called no more often than
 * the limits allow, may call this route at all (rights.ts of the protocol), and every part of the input that its row declares has been parsed; what the row does not
 * declare is not looked at. What a handler returns is reduced to what the row's output declares. May be called once for
 * each module.
 */
export function bindRest<N extends BoundRoute>(
  app: FastifyInstance,
  handlers: RestHandlers<N>,
  tokens: TokenCheck,
  limiter: Limiter,
): void {
  for (const name of Object.keys(handlers) as N[]) {
    const row: RouteSpec = rest[name];
    const handler = handlers[name] as unknown as AnyHandler;
    const bound: RouteOptions = {
      method: row.method,
      url: row.path,
      handler: async (request, reply) => {
        const actor = row.permanent === true ? null : await admit(row, request, tokens, limiter);
        if (actor !== null) demandRight(name, row, actor);
        const input = parseRequest(row, request);
        if (actor !== null && row.stepUp === true) await tokens.demandStepUp(actor);
        const body = row.upload === undefined ? input.body : await readFile(row.upload, request.body as Unread);
        const answer = handler({ ...input, body, actor, call: callOf(request, reply) });
        const result = await (row.permanent === true ? countMiss(answer, request, limiter) : answer);
        return present(name, row, result, reply);
      },
    };
    if (row.upload === undefined) app.route(bound);
    else bindUpload(app, bound, row.upload);
  }
}

type Unread = AsyncIterable<unknown> | undefined;

/** Leaves the body unread, so that the handler reads it once it is known who sends it. */
function bindUpload(app: FastifyInstance, bound: RouteOptions, { types }: Upload): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser([...types], (_request, payload, parsed) => parsed(null, payload));
    scope.route(bound);
    done();
  });
}

/**
 * Files for good are asked for by a page all at once, and by each browser once, like those of the web client: only what
 * is not there counts.
 */
async function countMiss<T>(answer: Promise<T>, request: FastifyRequest, limiter: Limiter): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProtocolError) await limiter.take('api', addressKey(request.ip));
    throw error;
  }
}

/** Who calls counts for the person; who is not known, or not yet, for the address. */
async function admit(
  row: RouteSpec,
  request: FastifyRequest,
  tokens: TokenCheck,
  limiter: Limiter,
): Promise<Actor | null> {
  const address = addressKey(request.ip);
  if (row.auth !== 'user') {
    await limiter.take(row.limit === 'refresh' ? 'refresh' : 'api', address);
    return null;
  }
  let actor: Actor;
  try {
    actor = await authenticate(request, tokens);
  } catch (error) {
    if (error instanceof ProtocolError) await limiter.take('api', address);
    throw error;
  }
  await limiter.take(row.limit === 'messages' ? 'messages' : 'api', actor.userId);
  return actor;
}

async function authenticate(request: FastifyRequest, tokens: TokenCheck): Promise<Actor> {
  const token = /^bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new ProtocolError('unauthenticated');
  const { actor } = await tokens.authenticate(token);
  return actor;
}

/** @throws ProtocolError members_only, scope_missing, forbidden */
function demandRight(name: RouteName, row: RouteSpec, actor: Actor): void {
  if (actor.scopes !== null) {
    const scope = scopeOfRoute(name);
    if (scope === null || !actor.scopes.includes(scope)) throw new ProtocolError('scope_missing');
  }
  if (actor.role === 'guest' && !GUESTS_MAY.routes.has(name)) throw new ProtocolError('members_only');
  if (row.role !== undefined && !isAtLeast(actor.role, row.role)) throw new ProtocolError('forbidden');
}

/** @throws ProtocolError bad_input naming the problems of params, query and body together */
function parseRequest(row: RouteSpec, request: FastifyRequest) {
  const problems: { field: string; problem: string }[] = [];
  function parsePart(schema: z.ZodType | undefined, value: unknown): unknown {
    if (schema === undefined) return undefined;
    try {
      return parseInput(schema, value);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      problems.push(...(error.details?.fields ?? []));
      return undefined;
    }
  }
  const input = {
    params: parsePart(row.params, request.params),
    query: parsePart(row.query, request.query),
    body: parsePart(row.body, request.body),
  };
  if (problems.length > 0) throw new ProtocolError('bad_input', { fields: problems });
  return input;
}

function present(name: string, row: RouteSpec, result: unknown, reply: FastifyReply): FastifyReply {
  if (row.download !== undefined) {
    const { name: file, content } = result as Download;
    // It may be somebody else's: opened by itself, it may do nothing in this site's name.
    void reply.header('content-security-policy', "default-src 'none'; sandbox");
    if (row.permanent === true) {
      void reply.header('cache-control', 'public, max-age=31536000, immutable');
      // Pages of other sites that may call (CORS_ORIGINS) show it, too.
      void reply.header('cross-origin-resource-policy', 'cross-origin');
    }
    return reply.header('content-disposition', `attachment; filename="${file}"`).type(row.download).send(content);
  }
  const { output } = row;
  if (output === undefined) return reply.code(204).send();
  if (result instanceof Repeated) {
    const text = texts.get(result) ?? JSON.stringify(checked(name, output, result.value));
    texts.set(result, text);
    return reply.type('application/json; charset=utf-8').send(text);
  }
  const answer = checked(name, output, result);
  if (row.redirect === true) return reply.redirect((answer as { location: string }).location, 302);
  return reply.code(row.status ?? 200).send(answer);
}

const texts = new WeakMap<Repeated<unknown>, string>();

function checked(name: string, output: z.ZodType, result: unknown): unknown {
  const answer = output.safeParse(result);
  if (!answer.success) throw new Error(`the answer of ${name} is not what its row declares`, { cause: answer.error });
  return answer.data;
}

function callOf(request: FastifyRequest, reply: FastifyReply): Call {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    requestId: request.id,
    ip: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    cookies: request.cookies,
    csrfToken: header('x-csrf-token'),
    fetchSite: header('sec-fetch-site'),
    setCookie(name, value, { path, maxAge }) {
      reply.setCookie(name, value, { path, maxAge });
    },
  };
}
