/** The closed table of errors: what is not in it cannot leave the server. `docs/reference/errors.md` is generated from it. */
import { z } from 'zod';
import { Ban } from './accounts.ts';
import { Timestamp } from './ids.ts';

/** Where the input is wrong: a path such as `memberIds.2`, empty for the whole. */
export const FieldProblem = z.object({ field: z.string(), problem: z.string() }).meta({ id: 'FieldProblem' });
export type FieldProblem = z.infer<typeof FieldProblem>;

const ErrorDetails = z.object({
  fields: z.array(FieldProblem).optional().meta({ description: 'What is wrong with which field.' }),
  retryAfter: z.int().optional().meta({ description: 'Seconds until a retry is worth it.' }),
  until: Timestamp.nullable().optional().meta({ description: 'When it ends; null: never by itself.' }),
  reason: z.string().optional().meta({ description: 'Why, as a moderator or a rule put it.' }),
  ban: Ban.optional().meta({ description: 'Since when, until when and why.' }),
});
type ErrorDetails = z.infer<typeof ErrorDetails>;

interface ErrorSpec {
  /** HTTP status of the answer (RFC 9110). */
  status: number;
  /** Whether the same request may succeed later, unchanged. */
  retryable: boolean;
  /** Safe to show: holds nothing of the request and nothing of the server's inside. */
  message: string;
  /** What `details` may hold; none unless told. The compiler refuses any other. */
  details?: readonly (keyof ErrorDetails)[];
}

export const errors = {
  bad_input: { status: 400, retryable: false, message: 'Some fields are not as they should be.', details: ['fields'] },
  malformed: { status: 400, retryable: false, message: 'The request could not be read.' },
  unknown_event: { status: 400, retryable: false, message: 'There is no such event.' },
  unauthenticated: { status: 401, retryable: false, message: 'Sign in first.' },
  token_expired: { status: 401, retryable: false, message: 'The access token has expired: refresh it.' },
  invalid_credentials: {
    status: 401,
    retryable: false,
    message: 'That combination of address and password is not known.',
  },
  session_ended: { status: 401, retryable: false, message: 'This session has ended: sign in again.' },
  csrf: { status: 403, retryable: false, message: 'The CSRF token is missing or wrong.' },
  origin_refused: { status: 403, retryable: false, message: 'Requests from this origin are not allowed.' },
  account_disabled: { status: 403, retryable: false, message: 'This account has been disabled.' },
  account_banned: { status: 403, retryable: false, message: 'This account is banned.', details: ['ban'] },
  members_only: { status: 403, retryable: false, message: 'Guests may not do that: create an account first.' },
  scope_missing: { status: 403, retryable: false, message: 'The API token is not allowed to do that.' },
  step_up_required: { status: 403, retryable: false, message: 'Prove that it is you first.' },
  invalid_code: { status: 400, retryable: false, message: 'The code is wrong, has expired or was used before.' },
  invalid_link: { status: 400, retryable: false, message: 'This link is wrong, has expired or was used before.' },
  invalid_passkey: { status: 400, retryable: false, message: 'The passkey was not accepted.' },
  access_denied: { status: 403, retryable: false, message: 'You did not allow the sign-in there.' },
  provider_refused: { status: 400, retryable: false, message: 'The other site did not confirm who you are.' },
  forbidden: { status: 403, retryable: false, message: 'You may not do that.', details: ['fields'] },
  not_found: {
    status: 404,
    retryable: false,
    message: 'There is no such thing, or it is not yours to see.',
    details: ['fields'],
  },
  method_not_allowed: { status: 405, retryable: false, message: 'That method is not allowed here.' },
  not_enabled: { status: 404, retryable: false, message: 'That is not switched on here.' },
  identity_taken: { status: 409, retryable: false, message: 'That account is linked to someone else here.' },
  last_way_in: {
    status: 409,
    retryable: false,
    message: 'That is the only way into the account: add another one first.',
  },
  username_taken: { status: 409, retryable: false, message: 'This username is taken.' },
  client_id_reused: { status: 409, retryable: false, message: 'This clientId was used for another message.' },
  room_full: { status: 409, retryable: false, message: 'The room is full.' },
  too_many_rooms: { status: 409, retryable: false, message: 'That is more rooms than one person may have.' },
  last_owner: { status: 409, retryable: false, message: 'An owner is needed: make someone else owner first.' },
  room_archived: { status: 409, retryable: false, message: 'The room is archived: nothing is written in it any more.' },
  silenced: {
    status: 403,
    retryable: false,
    message: 'Moderators do not let you write here for now.',
    details: ['reason', 'until'],
  },
  room_locked: { status: 403, retryable: false, message: 'The room is locked: only moderators write in it for now.' },
  room_read_only: { status: 403, retryable: false, message: 'Only moderators write in this room.' },
  banned_here: {
    status: 403,
    retryable: false,
    message: 'You are banned from this room.',
    details: ['reason', 'until'],
  },
  address_banned: {
    status: 403,
    retryable: false,
    message: 'This network may not be used to come in here.',
    details: ['reason', 'until'],
  },
  age_confirmation_required: { status: 403, retryable: false, message: 'Confirm first that you are old enough.' },
  message_rejected: {
    status: 403,
    retryable: false,
    message: 'The rules of this place do not allow this message.',
    details: ['reason'],
  },
  text_rejected: {
    status: 403,
    retryable: false,
    message: 'The rules of this place do not allow this wording.',
    details: ['fields', 'reason'],
  },
  slow_mode: {
    status: 429,
    retryable: true,
    message: 'Slow mode: wait before you write again.',
    details: ['retryAfter'],
  },
  already_decided: { status: 409, retryable: false, message: 'Somebody has decided that already.' },
  already_appealed: { status: 409, retryable: false, message: 'There was an appeal against that already.' },
  blocked: { status: 403, retryable: false, message: 'One of you has blocked the other.' },
  invite_invalid: {
    status: 404,
    retryable: false,
    message: 'This invitation does not exist, has expired or is used up.',
  },
  limit_reached: {
    status: 409,
    retryable: false,
    message: 'There are too many of these already.',
    details: ['reason', 'retryAfter'],
  },
  poll_closed: { status: 409, retryable: false, message: 'The poll is closed.' },
  message_deleted: { status: 409, retryable: false, message: 'The message has been deleted.' },
  payload_too_large: { status: 413, retryable: false, message: 'That is too large.', details: ['fields'] },
  unsupported_media_type: { status: 415, retryable: false, message: 'That media type is not taken here.' },
  too_many_requests: {
    status: 429,
    retryable: true,
    message: 'Too many requests: slow down.',
    details: ['retryAfter'],
  },
  internal: {
    status: 500,
    retryable: true,
    message: 'Something went wrong. The request id leads to the details in the log.',
  },
  overloaded: {
    status: 503,
    retryable: true,
    message: 'The server is busy: try again shortly.',
    details: ['retryAfter'],
  },
  unavailable: { status: 503, retryable: true, message: 'A part of the server is unavailable: try again shortly.' },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof errors;
type DetailsOf<C extends ErrorCode> = (typeof errors)[C] extends {
  details: readonly (infer K extends keyof ErrorDetails)[];
}
  ? Pick<ErrorDetails, K>
  : undefined;
export const ErrorCode = z.enum(Object.keys(errors) as [ErrorCode, ...ErrorCode[]]).meta({ id: 'ErrorCode' });

export const ErrorBody = z
  .object({
    code: ErrorCode,
    message: z.string(),
    requestId: z.string(),
    details: ErrorDetails.optional().meta({ description: 'Which of them come with a code: the table of errors.' }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof ErrorBody>;

/** The answer of every refused REST call. */
export const ErrorAnswer = z.object({ error: ErrorBody }).meta({ id: 'ErrorAnswer' });

/** An error meant for the client. Anything else that is thrown becomes `internal`. */
export class ProtocolError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;
  constructor(code: ErrorCode);
  constructor(...args: { [C in ErrorCode]: [code: C, details?: DetailsOf<C> | undefined] }[ErrorCode]);
  constructor(code: ErrorCode, details?: ErrorDetails) {
    super(`${code}: ${details?.fields?.map((f) => `${f.field} ${f.problem}`).join(', ') ?? errors[code].message}`);
    this.name = 'ProtocolError';
    this.code = code;
    this.details = details;
  }
}

/** A `bad_input` naming one field. */
export function badInput(field: string, problem: string): ProtocolError {
  return new ProtocolError('bad_input', { fields: [{ field, problem }] });
}
