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
  /** The least role that may call it, on routes with `auth: 'user'`; anyone signed in unless told (guests: rights.ts). */
  role?: 'moderator' | 'admin';
  /** Only shortly after the caller proved who they are; otherwise `step_up_required`. */
  stepUp?: true;
  /** How often it may be called (docs/operations.md): the limit of its own that it falls under instead of that of the API. */
  limit?: 'messages' | 'refresh';
  group:
    | 'Signing in'
    | 'Accounts'
    | 'Administration'
    | 'People'
    | 'Rooms'
    | 'Messages'
    | 'Lounges'
    | 'Safety'
    | 'Moderation'
    | 'Operations';
  summary: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Absent: 204 without a body. */
  output?: z.ZodType;
  /** The answer leads elsewhere: the handler answers `{location}`, and the status is 302. */
  redirect?: true;
  /** The answer is a file of this media type. */
  download?: string;
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

/** Why somebody may not write in a room. */
const NO_WRITING = ['room_archived', 'room_locked', 'room_read_only', 'silenced', 'members_only'] as const;
export const SENDING_REFUSED = [
  'not_found',
  'forbidden',
  'blocked',
  ...NO_WRITING,
  'slow_mode',
  'message_rejected',
  'limit_reached',
  'client_id_reused',
  'overloaded',
] as const;
export const EDITING_REFUSED = [
  'not_found',
  'forbidden',
  'message_deleted',
  'message_rejected',
  ...NO_WRITING,
] as const;
