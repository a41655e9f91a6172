import { expect, test } from 'vitest';
import { readRequest } from './request.ts';

const id = '01936b5e-7d1c-7cc3-9a55-0242ac120002';

test('the address says what is looked for', () => {
  const params = new URLSearchParams({ q: ' 世界 ', room: id, from: id, has: 'link', me: '1', after: '2026-03-01' });
  expect(readRequest(params)).toEqual({
    q: '世界',
    roomId: id,
    from: id,
    has: 'link',
    mentionsMe: true,
    after: new Date(2026, 2, 1).getTime(),
  });
});

test('what makes no sense in an address is left out, and without words nothing is looked for', () => {
  const params = new URLSearchParams({ q: 'a', room: 'x', from: '', has: 'everything', before: 'soon' });
  expect(readRequest(params)).toEqual({ q: 'a' });
  expect(readRequest(new URLSearchParams({ room: id, q: '  ' }))).toBeNull();
});
