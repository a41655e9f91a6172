import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressKey, clientAddress, trustedProxies, type TrustProxy } from './addresses.ts';

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:51234', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::FFFF:cb00:7109', '203.0.113.9'],
  ['0:0:0:0:0:ffff:203.0.113.9', '203.0.113.9'],
  ['[::ffff:203.0.113.9]:443', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::7]:443', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::7]', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key);
});

test.each([
  '',
  'unknown',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '999.1.1.1',
  '::g',
  '1::2::3',
  '[1.2.3.4',
  'x'.repeat(10_000),
])('what is no address counts as one: %j', (ip) => expect(addressKey(ip)).toBe('unknown'));

function seenFrom(remoteAddress: string, forwarded: string | undefined, trust: TrustProxy): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddress({ headers, socket: { remoteAddress } } as unknown as IncomingMessage, trustedProxies(trust));
}

test('X-Forwarded-For counts only as far as proxies are trusted', () => {
  const said = '198.51.100.66, 203.0.113.9';
  expect(seenFrom('10.0.0.1', said, false)).toBe('10.0.0.1');
  expect(seenFrom('10.0.0.1', said, true)).toBe('198.51.100.66');
  expect(seenFrom('10.0.0.1', said, 1)).toBe('203.0.113.9');
  expect(seenFrom('10.0.0.1', said, 2)).toBe('198.51.100.66');
  expect(seenFrom('10.0.0.1', said, 9)).toBe('198.51.100.66');
  expect(seenFrom('10.0.0.1', said, ['10.0.0.0/8'])).toBe('203.0.113.9');
  expect(seenFrom('::ffff:10.0.0.1', said, ['10.0.0.0/8'])).toBe('203.0.113.9');
  expect(seenFrom('10.0.0.1', said, ['10.0.0.0/8', '203.0.113.9'])).toBe('198.51.100.66');
  expect(seenFrom('fd00::5', said, ['fd00::/8'])).toBe('203.0.113.9');
  // Who is no proxy of ours says what it likes.
  expect(seenFrom('192.0.2.1', said, ['10.0.0.0/8'])).toBe('192.0.2.1');
  expect(seenFrom('10.0.0.1', undefined, true)).toBe('10.0.0.1');
  expect(seenFrom('10.0.0.1', ' , ', true)).toBe('10.0.0.1');
  expect(seenFrom('10.0.0.1', 'nonsense', ['10.0.0.0/8'])).toBe('nonsense');
});
