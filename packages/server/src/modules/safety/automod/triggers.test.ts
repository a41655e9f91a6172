import type { AutomodTrigger, PublicUser } from '@confab/protocol';
import { describe, expect, test } from 'vitest';
import type { JudgedMessage } from '../contracts.ts';
import { rehearse } from './index.ts';
import { Windows } from './windows.ts';

const DAY = 24 * 3600 * 1000;
const NOW = Date.UTC(2026, 5, 1);
/** A UUIDv7 of that time. */
const idAt = (ms: number) =>
  ms
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})(.{4})$/, '$1-$2-7000-8000-000000000001');
const person = (id = idAt(NOW - 100 * DAY)): PublicUser => ({ id, username: 'ann', name: 'Ann', role: 'user' });

function message(change: Partial<JudgedMessage> = {}): JudgedMessage {
  const joinedAt = NOW - 50 * DAY;
  return {
    roomId: 'room',
    kind: 'public',
    sender: person(),
    joinedAt,
    body: 'hello',
    mentions: 0,
    now: NOW,
    ...change,
  };
}
const matches = (trigger: AutomodTrigger, ...messages: JudgedMessage[]) => messages.map(rehearse(trigger));
const bodies = (trigger: AutomodTrigger, ...texts: string[]) =>
  texts.filter((body) => matches(trigger, message({ body }))[0]);
const links = (mode: 'any' | 'denied' | 'not_allowed' | 'first', ...hosts: string[]) =>
  ({ type: 'links', mode, hosts }) as const;

describe('links', () => {
  const LINKS = [
    'https://evil.example/x',
    'HTTP://EVIL.EXAMPLE',
    'see evil.com now',
    'www.foo.bar',
    'host.unheard/of',
    '[text](https://other.example:8080/a)',
    'http://192.0.2.1/a',
    'example[.]com',
    'evil (dot) com',
    'hxxps://evil.com',
    'ｅｖｉｌ．ｃｏｍ',
    'evil。com',
    'ev\u200bil.com',
    'http://münchen.example',
    'before,evil.com,after',
  ];
  const NONE = [
    'e.g. this',
    'node.js and main.ts',
    'file.txt',
    '3.14 and v1.2.3',
    'me@mail.com',
    'Hi.How are you',
    '...',
    'a:b',
  ];

  test('any: with a scheme, by a known ending, or hidden; file names, numbers and addresses are none', () => {
    expect(bodies(links('any'), ...LINKS, ...NONE)).toEqual(LINKS);
  });

  test('denied: a host and all under it, wherever the link pretends to lead', () => {
    const foul = [
      'https://evil.com',
      'a.b.evil.com/x',
      'https://good.com@evil.com/',
      'https://good.com/https://evil.com',
      'https://evil.com.',
      'https://evil.com:443/x',
      'https://EVIL.com\\x',
      'https://good.com evil[.]com',
    ];
    const fine = ['https://notevil.com', 'https://evil.com.good.com', 'https://good.com/evil.com', 'evil com'];
    expect(bodies(links('denied', 'evil.com'), ...foul, ...fine)).toEqual(foul);
    expect(bodies(links('denied', 'xn--mnchen-3ya.example'), 'http://münchen.example')).toHaveLength(1);
  });

  test('not_allowed: any other host than those', () => {
    const texts = ['https://good.com', 'https://docs.good.com/x', 'https://good.com and https://evil.com', 'evil.com'];
    expect(bodies(links('not_allowed', 'good.com'), ...texts, 'no link')).toEqual(texts.slice(2));
  });

  test('first: of each person in each room, except to the hosts named', () => {
    const [ann, bob] = [person(), person(idAt(NOW - 99 * DAY))];
    const body = 'https://a.example';
    const said = [
      message({ sender: ann, body: 'no link' }),
      message({ sender: ann, body: 'https://good.com' }),
      message({ sender: bob, body }),
      message({ sender: bob, body }),
      message({ sender: bob, body, roomId: 'another' }),
      // A link that is let through anyway is not the first that counts.
      message({ sender: ann, body }),
    ];
    expect(matches(links('first', 'good.com'), ...said)).toEqual([false, false, true, false, true, true]);
  });
});

describe('invites', () => {
  test('are links to this product’s invitations and to chat groups elsewhere, not to those places as such', () => {
    const invites = [
      'https://chat.example/invite/AbC',
      'discord.gg/abc',
      'https://discord.com/invite/abc',
      'https://www.discord.com/invite/abc',
      'https://t.me/+abc',
      'https://chat.whatsapp.com/abc',
      'https://join.slack.com/t/x',
      'discord[.]gg/abc',
    ];
    const others = ['https://discord.com/blog', 'https://t.me', 'https://example.com/inviting', 'see discord'];
    expect(bodies({ type: 'invites' }, ...invites, ...others)).toEqual(invites);
  });
});

describe('what can be counted in one message', () => {
  test('mentions: more than so many', () => {
    const trigger = { type: 'mentions', more: 3 } as const;
    expect([3, 4].map((mentions) => matches(trigger, message({ mentions }))[0])).toEqual([false, true]);
  });

  test('capitals: so many in a hundred of the letters that have them, from a number of letters on', () => {
    const trigger = { type: 'capitals', percent: 70, letters: 10 } as const;
    const loud = ['STOP SHOUTING AT ME', 'ABCDEFG hij', 'ПЕРЕСТАНЬ КРИЧАТЬ', 'ΣΤΑΜΑΤΑ ΝΑ ΦΩΝΑΖΕΙΣ'];
    const calm = ['STOP', 'ABCDEF ghij', 'Stop shouting at me', '停止大喊大叫停止大喊大叫', '1234567890', ''];
    expect(bodies(trigger, ...loud, ...calm)).toEqual(loud);
  });
});

describe('what is counted over time', () => {
  const at = (seconds: number, change: Partial<JudgedMessage> = {}) =>
    message({ now: NOW + seconds * 1000, ...change });

  test('flood: the message that is one too many within the time, and each while that lasts; of each person', () => {
    const trigger = { type: 'flood', messages: 3, seconds: 10 } as const;
    expect(matches(trigger, at(0), at(1), at(2), at(9), at(11.5), at(30))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
    const other = { sender: person(idAt(NOW - DAY)) };
    expect(matches(trigger, at(0), at(1, other), at(2), at(3, other))).toEqual([false, false, false, false]);
    expect(matches(trigger, at(0), at(5), at(10))).toEqual([false, false, false]);
  });

  test('repeats: the same text, whatever its case, width, spaces and accents', () => {
    const trigger = { type: 'repeats', times: 3, seconds: 60 } as const;
    const texts = ['Buy now', 'buy  NOW', 'ｂｕｙ now', 'Buy now!', 'Buy\u200b now'];
    expect(matches(trigger, ...texts.map((body, i) => at(i, { body })))).toEqual([false, false, true, false, true]);
    expect(matches(trigger, at(0), at(30), at(61))).toEqual([false, false, false]);
    const others = [1, 2, 3].map((days) => at(days, { sender: person(idAt(NOW - days * DAY)) }));
    expect(matches(trigger, ...others)).toEqual([false, false, false]);
  });

  test('newcomers: whose account, or membership, is younger than that; who has an office is none', () => {
    const trigger = { type: 'newcomers', minutes: 60 } as const;
    const minutesAgo = (minutes: number) => NOW - minutes * 60_000;
    const said = [
      message({ sender: person(idAt(minutesAgo(59))) }),
      message({ sender: person(idAt(minutesAgo(60))) }),
      message({ joinedAt: minutesAgo(59) }),
      message({ joinedAt: minutesAgo(60) }),
      message({ joinedAt: null, sender: person(idAt(minutesAgo(1))) }),
      message({ sender: person('11111111-2222-4333-8444-555555555555') }),
    ];
    expect(matches(trigger, ...said)).toEqual([true, false, true, false, false, false]);
  });

  test('is forgotten where there is too much of it, what was counted longest ago first', () => {
    const windows = new Windows();
    for (let i = 0; i < 100; i += 1) windows.count('eldest', NOW, DAY, 100);
    for (let i = 0; i < 250_000; i += 1) windows.count(`key ${i}`, NOW, DAY, 100);
    expect(windows.count('eldest', NOW, DAY, 100)).toBe(1);
    expect(windows.count('key 249999', NOW, DAY, 100)).toBe(2);
    expect(windows.count('key 60000', NOW, DAY, 100)).toBe(2);
    expect(windows.count('key 1', NOW, DAY, 100)).toBe(1);
  });
});

describe('pattern', () => {
  const pattern = (source: string) => ({ type: 'pattern', pattern: source }) as const;

  test('is a regular expression in RE2 syntax', () => {
    const found = bodies(pattern('(?i)free\\s+(btc|bitcoin)'), 'FREE  Bitcoin here', 'free btc', 'freedom btc');
    expect(found).toEqual(['FREE  Bitcoin here', 'free btc']);
    expect(bodies(pattern('^\\p{L}+$'), 'ünïcödé', 'two words')).toEqual(['ünïcödé']);
  });

  test('takes time in proportion to the text: (a+)+$ and its like do not hang', () => {
    const text = `${'a'.repeat(8000)}!`;
    for (const source of ['(a+)+$', '(a|aa)+$', '^(a|a?)+$', '(.*a){15}$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(a*)*b']) {
      expect(bodies(pattern(source), text), source).toEqual([]);
    }
  });

  test.each(['(a', 'a{1001}', '\\1', '(?=a)', '[z-a]', '(a{100}){100}', '(?:abcdefghij){100}', '((a{9}){9}){20}', '*'])(
    '%s is refused, and the field is named',
    (source) => {
      expect(() => matches(pattern(source))).toThrow(
        expect.objectContaining({
          code: 'bad_input',
          details: { fields: [expect.objectContaining({ field: 'trigger.pattern' })] },
        }),
      );
    },
  );
});
