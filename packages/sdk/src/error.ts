import { type ErrorBody, type ErrorCode, errors, type FieldProblem, ProtocolError } from '@confab/protocol';

/** The protocol's closed table, and what only a client can see: no answer, or one that could not be understood. */
export type ConfabErrorCode = ErrorCode | 'network' | 'bad_answer';

/** Every error the SDK throws. */
export class ConfabError extends Error {
  readonly code: ConfabErrorCode;
  /** What is wrong with which field, for `bad_input`. */
  readonly fields: readonly FieldProblem[];
  /** Leads to the details in the server's log; empty where no answer came. */
  readonly requestId: string;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** Seconds to wait before trying again, where the server said so. */
  readonly retryAfter: number | undefined;
  /** Why, as a moderator or a rule put it. */
  readonly reason: string | undefined;
  /** Epoch ms at which what is in the way ends; null: never by itself. */
  readonly until: number | null | undefined;
  /** Since when, until when and why, for `account_banned`. Epoch ms; `until` null: for good. */
  readonly ban: NonNullable<ErrorBody['details']>['ban'];

  constructor(code: ConfabErrorCode, message: string, body?: ErrorBody, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ConfabError';
    this.code = code;
    this.fields = body?.details?.fields ?? [];
    this.requestId = body?.requestId ?? '';
    this.retryable = code === 'network' || (code !== 'bad_answer' && errors[code].retryable);
    this.retryAfter = body?.details?.retryAfter;
    this.reason = body?.details?.reason;
    this.until = body?.details?.until;
    this.ban = body?.details?.ban;
  }

  static fromBody(body: ErrorBody): ConfabError {
    return new ConfabError(body.code, body.message, body);
  }

  /** No answer: the request may or may not have been carried out. */
  static network(message: string, cause?: unknown): ConfabError {
    return new ConfabError('network', message, undefined, cause);
  }

  /** Refused before it was sent, as the server would have. */
  static fromProtocol(error: ProtocolError): ConfabError {
    const { code, details } = error;
    return new ConfabError(code, errors[code].message, {
      code,
      message: errors[code].message,
      requestId: '',
      ...(details && { details }),
    });
  }
}

/** Any thrown value as a `ConfabError`. */
export function toConfabError(thrown: unknown): ConfabError {
  if (thrown instanceof ConfabError) return thrown;
  if (thrown instanceof ProtocolError) return ConfabError.fromProtocol(thrown);
  return new ConfabError('bad_answer', thrown instanceof Error ? thrown.message : String(thrown), undefined, thrown);
}

/** What of an error is kept with a message that failed. */
export function bodyOf({ code, message, requestId, fields, reason, until }: ConfabError): ErrorBody {
  const known = code === 'network' || code === 'bad_answer' ? 'internal' : code;
  const details = {
    ...(fields.length > 0 && { fields: [...fields] }),
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until }),
  };
  return { code: known, message, requestId, ...(Object.keys(details).length > 0 && { details }) };
}
