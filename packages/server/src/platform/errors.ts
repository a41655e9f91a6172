/** From anything that is thrown to the closed table of errors. Shared by the HTTP and the socket binder. */
import { type ErrorBody, errors, type FieldProblem, ProtocolError } from '@confab/protocol';
import type { z } from 'zod';

// Keys that could reach a prototype wherever a value is merged later; no schema has them.
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
// The keys of unknown fields are the client's own words: what is repeated of them is bounded.
const MAX_PROBLEMS = 50;
const MAX_FIELD = 100;

/**
 * Parses what a client sent. Every problem is reported at once.
 * @throws ProtocolError bad_input with `details.fields`
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const forbidden = forbiddenKeys(value);
  if (forbidden.length > 0) throw new ProtocolError('bad_input', { fields: forbidden });
  const result = schema.safeParse(value, { error: plainWords });
  if (!result.success) throw new ProtocolError('bad_input', { fields: fieldProblems(result.error) });
  return result.data;
}

/** The problems of a failed parse, one for each place: path dotted (`memberIds.2`), text as `parseInput` words it. */
function fieldProblems(error: z.ZodError): FieldProblem[] {
  const problems = new Map<string, string>();
  for (const issue of error.issues) {
    const at = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of at) {
      const field = dotted(path);
      if (!problems.has(field)) problems.set(field, issue.message);
    }
  }
  return [...problems].slice(0, MAX_PROBLEMS).map(([field, problem]) => ({ field, problem }));
}

/**
 * The error to answer with. A lost or refused connection to PostgreSQL, a deadlock and the like is `unavailable`, everything
 * else unforeseen `internal`; whoever calls this logs the original of those two.
 */
export function toProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  return new ProtocolError(isUnavailable(error) ? 'unavailable' : 'internal');
}

/** The error as it goes on the wire, over HTTP and socket alike. */
export function errorBody(error: ProtocolError, requestId: string): ErrorBody {
  const body: ErrorBody = { code: error.code, message: errors[error.code].message, requestId };
  if (error.details !== undefined) body.details = error.details;
  return body;
}

function dotted(path: readonly PropertyKey[]): string {
  const field = path.map(String).join('.');
  return field.length > MAX_FIELD ? `${field.slice(0, MAX_FIELD)}…` : field;
}

// Iterative: a body of nothing but brackets nests deeper than the stack.
function forbiddenKeys(value: unknown): FieldProblem[] {
  const found: FieldProblem[] = [];
  const rest: { value: unknown; path: readonly string[] }[] = [{ value, path: [] }];
  for (let at = rest.pop(); at !== undefined && found.length < MAX_PROBLEMS; at = rest.pop()) {
    if (typeof at.value !== 'object' || at.value === null) continue;
    for (const [key, inner] of Object.entries(at.value)) {
      const path = [...at.path.slice(0, 16), key];
      if (FORBIDDEN_KEYS.has(key)) found.push({ field: dotted(path), problem: 'is not known here' });
      else if (typeof inner === 'object' && inner !== null) rest.push({ value: inner, path });
    }
  }
  return found;
}

const TYPES: Record<string, string> = {
  string: 'must be text',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
};
const FORMATS: Record<string, string> = { uuid: 'must be a UUID', email: 'must be an email address' };

// Texts a schema gives itself come before these. None may repeat the value: it can be a password.
const plainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'unrecognized_keys' && issue.input === undefined) return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? 'is not of the right type';
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'is not of the right form';
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return size(issue.origin, Number(issue.maximum), 'at most');
    case 'too_small':
      return size(issue.origin, Number(issue.minimum), 'at least');
    case 'unrecognized_keys':
      return 'is not known here';
    default:
      return 'is not as it should be';
  }
};

function size(origin: string, bound: number, word: 'at most' | 'at least'): string {
  if (origin === 'string' || origin === 'array') {
    if (word === 'at least' && bound === 1) return 'may not be empty';
    return `must hold ${word} ${bound} ${origin === 'string' ? 'characters' : 'entries'}`;
  }
  return `must be ${word} ${bound}`;
}

// SQLSTATE: 08 connection exception, 53 insufficient resources, 57P admin shutdown, crash, cannot connect now,
// 57014 a statement took too long, 25006 a primary that became a standby, 40001 and 40P01 a transaction that was rolled back
// for the sake of another, as in a deadlock: nothing of it was done (PostgreSQL documentation, appendix A).
const UNAVAILABLE_SQLSTATE = /^(?:08...|53...|57014|57P0[1-5]|25006|40001|40P01)$/;
const UNAVAILABLE_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
// What pg and pg-pool throw without a code.
const UNAVAILABLE_TEXT =
  /^(?:timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Client was closed and is not queryable|Query read timeout|Cannot use a pool after calling end)/;

function isUnavailable(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, syscall } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') {
      if (UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_SYSTEM.has(code)) return true;
      // No socket file; a missing file of our own is not a connection.
      if (code === 'ENOENT' && syscall === 'connect') return true;
    }
    if (UNAVAILABLE_TEXT.test(at.message)) return true;
  }
  return false;
}
