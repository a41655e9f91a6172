import { ProtocolError, Username } from '@confab/protocol';
import { describe, expect, test } from 'vitest';
import { demandFreeName } from './usernames.ts';

describe('a username', () => {
  test.each(['admin', 'moderator', 'support', 'confab', 'everyone', 'here', 'null', 'deleted', 'guest'])(
    '%s is reserved',
    (name) => expect(() => demandFreeName(name)).toThrow(ProtocolError),
  );

  test.each([
    'adm1n',
    'a.d.m.i.n',
    'admin_',
    'admin1',
    'admin2026',
    'admln',
    'adrnin',
    'c0nfab',
    'con.fab',
    'confab.support',
    'support_team',
    'the.admin',
    'mod3rat0r',
    '5upport',
    'r00t',
    'he1p',
    'every.one',
    'deleted.018f3a9b2c4d5e6f70',
    'guest.1a2b3c4d',
  ])('%s reads like a reserved one', (name) => expect(() => demandFreeName(name)).toThrow('username is taken'));

  test.each([
    'ada',
    'alex.morgan',
    'sam.okafor',
    'helper',
    'allison',
    'hereward',
    'roomie',
    'modesto',
    'ownership',
    'rooter',
    'user2',
  ])('%s is free to take', (name) => expect(() => demandFreeName(name)).not.toThrow());

  test.each(['аdmin', 'ada\u200b', 'adа', 'ａｄａ', 'Ada', 'a-da', 'ada\u0301', 'ada\u202e', 'ıda', 'ﬁona'])(
    '%j holds what is no plain letter, digit, dot or underscore: refused, so no other alphabet can disguise it',
    (name) => expect(Username.safeParse(name).success).toBe(false),
  );
});
