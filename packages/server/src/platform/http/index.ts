/** Binds `rest` of the protocol to handlers. Modules see these types; Fastify is only seen by the siblings of this file. */
import type { Readable } from 'node:stream';
import type { Rest, RouteName, RouteOutput, RouteParsed } from '@confab/protocol';
import type { Actor } from '../actor.ts';

/** What a handler may know of the call beside its input, and what it may set on the answer. */
export interface Call {
  requestId: string;
  /** The client's address, taken from a proxy's header only where TRUST_PROXY says so. */
  ip: string;
  userAgent: string;
  cookies: Readonly<Record<string, string | undefined>>;
  /** The `x-csrf-token` header, as sent. */
  csrfToken: string | undefined;
  /**
   * Whose page led here, as the browser says it (Fetch Metadata): same-origin, same-site, cross-site, or none for what the
   * person typed. Clients that are no browser, and browsers over http, send nothing.
   */
  fetchSite: string | undefined;
  /** HttpOnly, SameSite=Lax and, over https, Secure; `maxAge` in seconds, 0 removes it. */
  setCookie(name: string, value: string, options: { path: string; maxAge: number }): void;
}

/** Parsed input, a file as its bytes; `actor` is null on routes that need no access token. */
export type RestRequest<N extends RouteName> = Omit<RouteParsed<N>, 'body'> & {
  body: Rest[N] extends { upload: object } ? Buffer : RouteParsed<N>['body'];
  call: Call;
  actor: RouteActor<N>;
};
type RouteActor<N extends RouteName> = (typeof import('@confab/protocol').rest)[N]['auth'] extends 'user'
  ? Actor
  : null;

/** Routes of modules: all but those the HTTP server answers itself. */
export type BoundRoute = Exclude<RouteName, 'health' | 'healthLive' | 'healthReady' | 'metrics'>;

/** One handler per route. Throws `ProtocolError` to refuse; anything else it throws becomes `internal`. */
export type RestHandlers<N extends BoundRoute = BoundRoute> = {
  [K in N]: (
    request: RestRequest<K>,
  ) => Promise<Rest[K] extends { download: string } ? Download : RouteOutput<K> | Repeated<RouteOutput<K>>>;
};

/** An answer that many calls are given: it is checked and written as text with the first of them. */
export class Repeated<T> {
  readonly value: T;

  constructor(value: T) {
    this.value = value;
  }
}

/** A file as an answer. */
export interface Download {
  /** As the browser is to save it: letters, digits, dots and dashes. */
  name: string;
  /** A stream is read as fast as the client takes it, and destroyed when it goes away. */
  content: Readable | Buffer;
}
