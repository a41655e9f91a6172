import { errors, type FieldProblem, ProtocolError } from '@confab/protocol';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorBody, parseInput, toProtocolError } from './errors.ts';

function problemsOf(schema: z.ZodType, value: unknown): FieldProblem[] {
  try {
    parseInput(schema, value);
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'bad_input') return error.details?.fields ?? [];
    throw error;
  }
  return [];
}

const Input = z.strictObject({
  name: z
    .string()
    .min(2)
    .max(5)
    .regex(/^[a-z]*$/, 'may hold a-z only'),
  ids: z.array(z.uuid()).max(3).optional(),
  n: z.int().min(1).max(9).optional(),
  kind: z.enum(['a', 'b']).optional(),
});

describe('parseInput', () => {
  it.each<[string, unknown, FieldProblem[]]>([
    ['a missing field', {}, [{ field: 'name', problem: 'is required' }]],
    ['a null field', { name: null }, [{ field: 'name', problem: 'must be text' }]],
    ['a short text', { name: 'x' }, [{ field: 'name', problem: 'must hold at least 2 characters' }]],
    ['a long text', { name: 'xxxxxx' }, [{ field: 'name', problem: 'must hold at most 5 characters' }]],
    ['a text of its own words', { name: 'ABC' }, [{ field: 'name', problem: 'may hold a-z only' }]],
    ['an entry of a list', { name: 'abc', ids: ['x'] }, [{ field: 'ids.0', problem: 'must be a UUID' }]],
    ['no list', { name: 'abc', ids: {} }, [{ field: 'ids', problem: 'must be a list' }]],
    ['a fraction', { name: 'abc', n: 1.5 }, [{ field: 'n', problem: 'must be a whole number' }]],
    ['a small number', { name: 'abc', n: 0 }, [{ field: 'n', problem: 'must be at least 1' }]],
    ['a value outside an enum', { name: 'abc', kind: 'c' }, [{ field: 'kind', problem: 'must be one of a, b' }]],
    ['an unknown key', { name: 'abc', other: 1 }, [{ field: 'other', problem: 'is not known here' }]],
    ['no object', 'abc', [{ field: '', problem: 'must be an object' }]],
    ['a list for an object', [], [{ field: '', problem: 'must be an object' }]],
    ['nothing', undefined, [{ field: '', problem: 'is required' }]],
  ])('P-ERR-3 names the field and the problem of %s', (_title, value, expected) => {
    expect(problemsOf(Input, value)).toEqual(expected);
  });

  it('P-ERR-3 reports every problem at once', () => {
    const found = problemsOf(Input, { name: 7, ids: ['x', 'y'], n: 'z', more: true });
    expect(found.map((p) => p.field).toSorted()).toEqual(['ids.0', 'ids.1', 'more', 'n', 'name']);
  });

  it.each(['__proto__', 'constructor', 'prototype'])(
    'P-ERR-4 refuses the key %s at any depth and pollutes nothing',
    (key) => {
      const anything = z.looseObject({});
      const value: unknown = JSON.parse(`{"name":"abc","deep":[{"${key}":{"polluted":true}}]}`);
      expect(problemsOf(anything, value)).toEqual([{ field: `deep.0.${key}`, problem: 'is not known here' }]);
      expect(problemsOf(Input, JSON.parse(`{"name":"abc","${key}":{}}`))).toEqual([
        { field: key, problem: 'is not known here' },
      ]);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );

  it('P-ERR-4 survives nesting deeper than the stack', () => {
    const value: unknown = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000));
    expect(problemsOf(Input, value)).toEqual([{ field: '', problem: 'must be an object' }]);
  });

  it('P-ERR-3 bounds what it repeats of unknown keys', () => {
    const value = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}${'k'.repeat(500)}`, 1]));
    const found = problemsOf(Input, { name: 'abc', ...value });
    expect(found).toHaveLength(50);
    expect(found.every((p) => p.field.length <= 101)).toBe(true);
  });

  it('P-ERR-3 never repeats a value', () => {
    expect(JSON.stringify(problemsOf(Input, { name: 'SECRET-7', kind: 'SECRET-7', n: 'SECRET-7' }))).not.toContain(
      'SECRET',
    );
  });
});

describe('toProtocolError', () => {
  it('keeps an error of the table as it is', () => {
    const error = new ProtocolError('not_found');
    expect(toProtocolError(error)).toBe(error);
  });

  it.each<[string, unknown]>([
    ['a connection exception', Object.assign(new Error('x'), { code: '08006' })],
    ['an administrator’s shutdown', Object.assign(new Error('x'), { code: '57P01' })],
    ['a server that is starting', Object.assign(new Error('x'), { code: '57P03' })],
    ['a statement that took too long', Object.assign(new Error('x'), { code: '57014' })],
    ['a deadlock', Object.assign(new Error('x'), { code: '40P01' })],
    ['a transaction that cannot be one after the others', Object.assign(new Error('x'), { code: '40001' })],
    ['a full disk', Object.assign(new Error('x'), { code: '53100' })],
    ['a refused connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' })],
    ['a missing socket file', Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'connect' })],
    ['a pool that has no connection in time', new Error('timeout exceeded when trying to connect')],
    ['a connection lost in a query', new Error('Connection terminated unexpectedly')],
    ['a wrapped one', new Error('query failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) })],
  ])('P-ERR-5 makes %s unavailable', (_title, error) => {
    expect(toProtocolError(error).code).toBe('unavailable');
  });

  it.each<[string, unknown]>([
    ['a constraint violation', Object.assign(new Error('x'), { code: '23505' })],
    ['a missing file', Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open' })],
    ['a programming error', new TypeError('x is not a function')],
    ['a thrown text', 'oops'],
    ['nothing', undefined],
  ])('P-ERR-5 makes %s internal', (_title, error) => {
    expect(toProtocolError(error).code).toBe('internal');
  });
});

describe('errorBody', () => {
  it('P-ERR-1 says what the table says, never what was thrown', () => {
    expect(errorBody(toProtocolError(new Error('password is hunter2')), 'r-1')).toEqual({
      code: 'internal',
      message: errors.internal.message,
      requestId: 'r-1',
    });
    expect(errorBody(new ProtocolError('too_many_requests', { retryAfter: 3 }), 'r-2')).toMatchObject({
      details: { retryAfter: 3 },
    });
  });
});
