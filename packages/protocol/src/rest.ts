/** The REST table: name -> method, path, auth, input, output. Server, SDK, OpenAPI and docs are all made from it. */
import type { z } from 'zod';
import { accountRoutes } from './rest/accounts.ts';
import { administrationRoutes } from './rest/administration.ts';
import { automodRoutes } from './rest/automod.ts';
import { loungeRoutes } from './rest/lounges.ts';
import { messageRoutes } from './rest/messages.ts';
import { moderationRoutes } from './rest/moderation.ts';
import { operationsRoutes } from './rest/operations.ts';
import { peopleRoutes } from './rest/people.ts';
import { roomRoutes } from './rest/rooms.ts';
import type { RouteSpec } from './rest/route.ts';
import { safetyRoutes } from './rest/safety.ts';
import { securityRoutes } from './rest/security.ts';
import { signInRoutes } from './rest/sign-in.ts';
import { tokenRoutes } from './rest/tokens.ts';

export { type NewPoll, ONE_ANCHOR, oneAnchor, SendInput, SocketSendInput } from './rest/messages.ts';
export { PICTURE_TYPES } from './rest/lounges.ts';
export type { Auth, RouteSpec, Upload } from './rest/route.ts';
export type { SecondFactorNeeded, SignedIn, SignInAnswer } from './rest/sign-in.ts';
export { ApiToken, Scope } from './rest/tokens.ts';

export const rest = {
  ...signInRoutes,
  ...accountRoutes,
  ...securityRoutes,
  ...tokenRoutes,
  ...administrationRoutes,
  ...peopleRoutes,
  ...roomRoutes,
  ...messageRoutes,
  ...loungeRoutes,
  ...safetyRoutes,
  ...moderationRoutes,
  ...automodRoutes,
  ...operationsRoutes,
} as const satisfies Record<string, RouteSpec>;

export type Rest = typeof rest;
export type RouteName = keyof Rest;
type Part<R, K extends string> = R extends { [P in K]: infer S extends z.ZodType } ? S : undefined;
type In<S> = S extends z.ZodType ? z.input<S> : undefined;
type Out<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a caller passes. */
export interface RouteInput<N extends RouteName> {
  params: In<Part<Rest[N], 'params'>>;
  query: In<Part<Rest[N], 'query'>>;
  body: In<Part<Rest[N], 'body'>>;
}
/** What a handler receives, parsed. */
export interface RouteParsed<N extends RouteName> {
  params: Out<Part<Rest[N], 'params'>>;
  query: Out<Part<Rest[N], 'query'>>;
  body: Out<Part<Rest[N], 'body'>>;
}
export type RouteOutput<N extends RouteName> = Rest[N] extends { output: infer S extends z.ZodType }
  ? z.output<S>
  : void;
