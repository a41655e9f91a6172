/** What a row of the REST table says. */
import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import { Id, queryInt } from '../ids.ts';

/**
 * Who may call: `none` anyone; `user` a bearer access token; `refresh` a refresh token, in the cookie (then with a CSRF
 * token in `x-csrf-token`) or in the body.
 */
export type Auth = 'none' | 'user' | 'refresh';

export interface RouteSpec {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `:name` for each key of `params`. */
  path: string;
  auth: Auth;
  group: 'Accounts' | 'People' | 'Rooms' | 'Messages' | 'Operations';
  summary: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Absent: 204 without a body. */
  output?: z.ZodType;
  /** Success status; 200 unless told, 204 without output. */
  status?: number;
  /** Another status that has `output` as its body. */
  otherStatus?: number;
  /** Errors of its own, beside those any route can answer. */
  errors?: readonly ErrorCode[];
}

// Keeps the literal types of one row while checking its shape.
export function route<const R extends RouteSpec>(spec: R): R {
  return spec;
}

/** Parameters of a path. */
export const room = z.object({ roomId: Id });
export const message = z.object({ roomId: Id, messageId: Id });
/** Rows of one page, as a query has it. */
export const limit = (max: number, standard: number) => queryInt(z.int().min(1).max(max)).default(standard);
