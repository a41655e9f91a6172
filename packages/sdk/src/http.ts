/** Calls the REST table by name, typed by the protocol. */
import type { RouteInput, RouteName, RouteOutput } from '@confab/protocol';

type Given<T> = {
  [K in keyof T as T[K] extends undefined ? never : undefined extends T[K] ? never : {} extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as T[K] extends undefined ? never : undefined extends T[K] ? K : {} extends T[K] ? K : never]?: T[K];
};
/** `params`, `query` and `body` of a route, as far as it has them; what may be empty may be left out. */
export type CallInput<N extends RouteName> = Given<RouteInput<N>>;
export type CallArgs<N extends RouteName> = {} extends CallInput<N> ? [input?: CallInput<N>] : [input: CallInput<N>];
export type CallOutput<N extends RouteName> = RouteOutput<N>;
