import { expect, it } from 'vitest';
import { ProtocolError } from './errors.ts';

it('a refusal has the details that the table names for its code', () => {
  const { code, details } = new ProtocolError('silenced', { reason: 'Enough.', until: null });
  expect({ code, details }).toEqual({ code: 'silenced', details: { reason: 'Enough.', until: null } });
  // @ts-expect-error what the table does not name is refused by the compiler
  expect(new ProtocolError('slow_mode', { reason: 'Enough.' }).code).toBe('slow_mode');
});
