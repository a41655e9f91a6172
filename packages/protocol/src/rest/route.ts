/** What a row of the REST table says. */
import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import { Id, queryInt } from '../ids.ts';

/**
 * Who may call: `none` anyone; `user` a bearer access token; `refresh` a refresh token, in the cookie (then with a CSRF
 * token in `x-csrf-token`) or in the body.
 */
export type Auth = 'none' | 'user' | 'refresh';

export interface Upload {
  /** What it is called where it is refused. */
  field: string;
  /** The media types that are taken. What it is, its bytes say. */
  types: readonly string[];
  maxBytes: number;
}

export interface RouteSpec {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
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
  /** The body is a file. */
  upload?: Upload;
  /** Absent: 204 without a body. */
  output?: z.ZodType;
  /** The answer leads elsewhere: the handler answers `{location}`, and the status is 302. */
  redirect?: true;
  /** The answer is a file of this media type. */
  download?: string;
  /** The file at a path never becomes another one, and anyone may have it: whoever has it need not ask again. */
  permanent?: true;
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

const reading = ['not_found', 'age_confirmation_required'] as const;
const writing = [...reading, 'forbidden', 'room_archived', 'room_locked', 'silenced', 'members_only'] as const;
const speaking = [...writing, 'room_read_only'] as const;
/** Why somebody may not do something in a room. Officers of the instance need not be members, but of age where it is for adults. */
export const REFUSED = {
  reading,
  /** Putting anything into it. */
  writing,
  /** Saying something. */
  speaking,
  sending: [
    ...speaking,
    'blocked',
    'slow_mode',
    'message_rejected',
    'message_deleted',
    'limit_reached',
    'client_id_reused',
    'overloaded',
  ],
  editing: [...speaking, 'message_deleted', 'slow_mode', 'message_rejected', 'limit_reached', 'overloaded'],
  reacting: [...writing, 'message_deleted', 'blocked', 'limit_reached'],
} as const;
