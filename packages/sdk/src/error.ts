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
