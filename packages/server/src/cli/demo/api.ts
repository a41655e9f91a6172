import { setTimeout } from 'node:timers/promises';
import {
  type ErrorBody,
  type Rest,
  rest,
  type RouteInput,
  type RouteName,
  type RouteOutput,
  type RouteSpec,
  type SignedIn,
} from '@confab/protocol';

/** What the server refused with. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(`${status} ${body.code} ${JSON.stringify(body.details ?? {})}`);
    this.status = status;
    this.body = body;
  }
}

type Parts<N extends RouteName> = Omit<RouteInput<N>, 'body'> & {
  body: Rest[N] extends { upload: object } ? Blob : RouteInput<N>['body'];
};
/** What of params, query and body a route has; a file is a Blob. */
export type Input<N extends RouteName> = {
  [K in keyof Parts<N> as undefined extends Parts<N>[K] ? never : K]: Parts<N>[K];
} & {
  [K in keyof Parts<N> as Parts<N>[K] extends undefined ? never : K]?: Parts<N>[K];
};

/** Calls a route of the server at `url` by its row of the table. @throws Refusal */
export async function call<N extends RouteName>(
  url: string,
  token: string | undefined,
  name: N,
  input: Input<N>,
): Promise<RouteOutput<N>> {
  const row: RouteSpec = rest[name];
  const { params = {}, query = {}, body } = input as { params?: object; query?: object; body?: unknown };
  const path = Object.entries(params).reduce(
    (at, [key, value]) => at.replace(`:${key}`, encodeURIComponent(String(value))),
    row.path,
  );
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const response = await fetch(`${url}${path}?${search.toString()}`, {
    method: row.method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': body instanceof Blob ? body.type : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
  });
  const isText = response.ok && row.download !== undefined;
  const answer: unknown = response.status === 204 ? undefined : await (isText ? response.text() : response.json());
  if (!response.ok) throw new Refusal(response.status, (answer as { error: ErrorBody }).error);
  return answer as RouteOutput<N>;
}

/** Seconds that are waited for a rate limit: those of accounts guessed wrongly are longer, and end the work. */
const PATIENCE_S = 60;

/** Does it as often as the server asks to slow down, each time when it said to come again. @throws what `act` throws */
export async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const body = error instanceof Refusal ? error.body : undefined;
      const { retryAfter } = body?.details ?? {};
      if (body?.code !== 'too_many_requests' || retryAfter === undefined || retryAfter > PATIENCE_S) throw error;
      await setTimeout(retryAfter * 1000);
    }
  }
}

/** Signs in with a password. @throws Refusal, and Error where a second factor is asked for */
export async function signIn(url: string, body: Input<'signIn'>['body']): Promise<SignedIn> {
  const answer = await call(url, undefined, 'signIn', { body });
  if ('secondFactor' in answer) throw new Error('a second factor is asked for');
  return answer;
}
