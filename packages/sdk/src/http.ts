/** Calls the REST table by name, typed by the protocol. */
import {
  ErrorAnswer,
  type Rest,
  rest,
  type RouteInput,
  type RouteName,
  type RouteOutput,
  type RouteParsed,
  type RouteSpec,
} from '@confab/protocol';
import type { Clock } from './clock.ts';
import { ConfabError } from './error.ts';

type MayOmit<T> = undefined extends T ? true : {} extends T ? true : false;
type Given<T> = { [K in keyof T as T[K] extends undefined ? never : MayOmit<T[K]> extends true ? never : K]: T[K] } & {
  [K in keyof T as T[K] extends undefined ? never : MayOmit<T[K]> extends true ? K : never]?: T[K];
};
/** A query is text on the wire; what it means as a number may be given as one. */
type Numbers<Text, Meaning> = {
  [K in keyof Text]: K extends keyof Meaning
    ? NonNullable<Meaning[K]> extends number
      ? Text[K] | number
      : Text[K]
    : never;
};
type Input<N extends RouteName> = Omit<RouteInput<N>, 'query' | 'body'> & {
  body: Rest[N] extends { upload: object } ? Blob : RouteInput<N>['body'];
  query: RouteInput<N>['query'] extends undefined
    ? undefined
    : Numbers<RouteInput<N>['query'], RouteParsed<N>['query']>;
};
/** `params`, `query` and `body` of a route, as far as it has them, a file as a Blob; what may be empty may be left out. */
export type CallInput<N extends RouteName> = Given<Input<N>>;
export type CallArgs<N extends RouteName> = {} extends CallInput<N> ? [input?: CallInput<N>] : [input: CallInput<N>];
/** What the route answers; a file comes as a Blob. */
export type CallOutput<N extends RouteName> = Rest[N] extends { download: string } ? Blob : RouteOutput<N>;

interface AnyInput {
  params?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
}

/** ms until a call without an answer is given up. */
const TIMEOUT = 15_000;
/** A refresh whose answer was lost must be repeated within the 10 s in which the spent token is still taken. */
const REFRESH_TIMEOUT = 4_000;
const FILE_TIMEOUT = 300_000;

export interface Http {
  /**
   * One attempt, with these headers. The answer is checked against the table.
   * @throws ConfabError network when no answer came: the call may or may not have been carried out
   */
  call<N extends RouteName>(name: N, input: CallInput<N>, headers: Record<string, string>): Promise<CallOutput<N>>;
}

export function createHttp({ url, clock, cookies }: { url: string; clock: Clock; cookies: boolean }): Http {
  return {
    async call<N extends RouteName>(
      name: N,
      input: CallInput<N>,
      headers: Record<string, string>,
    ): Promise<CallOutput<N>> {
      const spec: RouteSpec = rest[name];
      const { params = {}, query = {}, body } = input as AnyInput;
      const path = spec.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
      const target = new URL(path, url);
      for (const [key, value] of Object.entries(query)) {
        if (value !== undefined) target.searchParams.set(key, String(value));
      }
      const timeout = name === 'refresh' ? REFRESH_TIMEOUT : (spec.download ?? spec.upload) ? FILE_TIMEOUT : TIMEOUT;
      const answer = await send(target, clock, timeout, {
        method: spec.method,
        credentials: cookies ? 'include' : 'omit',
        headers: {
          accept: spec.download ?? 'application/json',
          ...(body !== undefined && { 'content-type': body instanceof Blob ? body.type : 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: body instanceof Blob ? body : JSON.stringify(body) }),
      });
      return (await readAnswer(name, spec, answer)) as CallOutput<N>;
    },
  };
}

interface Answer {
  ok: boolean;
  status: number;
  body: Blob;
}

async function send(target: URL, clock: Clock, timeout: number, init: RequestInit): Promise<Answer> {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), timeout);
  try {
    const response = await fetch(target, { ...init, signal: abort.signal });
    return { ok: response.ok, status: response.status, body: await response.blob() };
  } catch (error) {
    throw ConfabError.network('The server could not be reached.', error);
  } finally {
    timer.cancel();
  }
}

async function readAnswer(name: string, spec: RouteSpec, { ok, status, body }: Answer): Promise<unknown> {
  if (ok && spec.download) return body;
  const json = parseJson(await body.text());
  if (!ok) {
    const refused = ErrorAnswer.safeParse(json);
    if (refused.success) throw ConfabError.fromBody(refused.data.error);
    // A proxy's own page: 5xx comes and goes, anything else will not.
    if (status >= 500) throw ConfabError.network(`The server answered ${status}.`);
    throw new ConfabError('bad_answer', `The answer to ${name} (${status}) could not be read.`);
  }
  if (!spec.output) return undefined;
  const parsed = spec.output.safeParse(json);
  if (!parsed.success) throw new ConfabError('bad_answer', `The answer to ${name} is not as the protocol says.`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
