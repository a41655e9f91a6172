import { pino } from 'pino';

const REDACTED = '[redacted]';
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;

/** Field names (lower case, without `-` and `_`) that hold a secret, by how they end: `x-csrf-token`, `newPassword`. */
const SECRET_NAME = /(?:authorization|cookies?|password|passphrase|token|secret|secretkey|privatekey|apikey|otp)$/;
/** An error code (`not_found`, `ECONNREFUSED`) may be seen; a one-time code or an authorisation code may not. */
const ERROR_CODE = /^(?:[a-z]+(?:_[a-z]+)*|E[A-Z_]+|(?:ERR|FST|FST_ERR)_[A-Z_]+)$/;

/** Of PostgreSQL's errors: they quote rows and parameters. */
const QUOTING = new Set(['detail', 'where']);

const URL_PASSWORD = /(:\/\/[^/\s:@]*):[^/\s@]+@/g;
const URL_PARAMETER = /([?&][\w-]*(?:token|code|password|secret|key|state)=)[^&#\s]+/gi;

/**
 * A copy of what is to be logged: values of secret fields replaced at any depth (to 8, deeper ones are cut), passwords
 * and tokens inside URLs removed, errors turned into plain objects, instances of classes reduced to their name.
 * Never throws, on cycles neither.
 */
export function redact(value: unknown): unknown {
  return value instanceof Error ? { err: copy(value, 1) } : copy(value, 0);
}

function redactText(text: string): string {
  if (!text.includes('=') && !text.includes('://')) return text;
  return text.replaceAll(URL_PASSWORD, `$1:${REDACTED}@`).replaceAll(URL_PARAMETER, `$1${REDACTED}`);
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Error) return copyFields({ ...pino.stdSerializers.err(value), type: value.name }, depth, true);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => copy(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `[${value.constructor.name}]`;
  return copyFields(value, depth, false);
}

function copyFields(object: object, depth: number, isError: boolean): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    result[name] = isSecret(name, value, isError) ? REDACTED : copy(value, depth + 1);
  }
  return result;
}

function isSecret(name: string, value: unknown, inError: boolean): boolean {
  if (value === undefined || value === null) return false;
  if (inError && QUOTING.has(name)) return true;
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  if (plain === 'code') return !inError && !(typeof value === 'string' && ERROR_CODE.test(value));
  return SECRET_NAME.test(plain);
}
