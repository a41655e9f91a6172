import { randomUUID } from 'node:crypto';
import type { AutomodTrigger, PublicUser } from '@confab/protocol';
import { describe, expect, test } from 'vitest';
import { memoryBursts } from '../../../platform/bursts/memory.ts';
import type { JudgedMessage } from '../contracts.ts';
import { rehearse } from './index.ts';

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
    id: randomUUID(),
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
async function matches(trigger: AutomodTrigger, ...messages: JudgedMessage[]): Promise<boolean[]> {
  const isMatch = await rehearse(trigger, memoryBursts());
  const answers = [];
  for (const one of messages) answers.push(await isMatch(one));
  return answers;
}
async function bodies(trigger: AutomodTrigger, ...texts: string[]): Promise<string[]> {
  const found = await Promise.all(texts.map((body) => matches(trigger, message({ body }))));
  return texts.filter((_, i) => found[i]?.[0]);
}
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
    'https://ev%69l.com/',
    'https://evil.com:000443/',
    '[x](https:evil.com)',
    '[x](https:/evil.com)',
    '[x](https\\://evil.com)',
    '[x](<ht\ttps://evil.com>)',
    'https://[::1]/',
    'https://evil.com!!!!!!!!!!!!',
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
    'https: and http:// are schemes',
  ];

  test('any: with a scheme, by a known ending, or hidden; file names, numbers and addresses are none', async () => {
    expect(await bodies(links('any'), ...LINKS, ...NONE)).toEqual(LINKS);
  });

  test('denied: a host and all under it, wherever the link pretends to lead', async () => {
    const foul = [
      'https://evil.com',
      'a.b.evil.com/x',
      'https://good.com@evil.com/',
      'https://good.com/https://evil.com',
      'https://evil.com.',
      'https://evil.com:443/x',
      'https://EVIL.com\\x',
      'https://good.com evil[.]com',
      'https://ev%69l.com/',
      'https://evil.com:000443/',
      '[x](https:evil.com)',
      '[x](https:/evil.com)',
      '[x](https\\://evil\\.com)',
      'http://good.com;x@evil.com/',
      "https://good.com,'@evil.com/",
      `https://${'a'.repeat(900)}@evil.com`,
      'https://evil.com!!!!!!!!!!!!',
      `${'https:'.repeat(500)}//evil.com`,
    ];
    const fine = ['https://notevil.com', 'https://evil.com.good.com', 'https://good.com/evil.com', 'evil com'];
    expect(await bodies(links('denied', 'evil.com'), ...foul, ...fine)).toEqual(foul);
    expect(await bodies(links('denied', 'xn--mnchen-3ya.example'), 'http://münchen.example')).toHaveLength(1);
  });

  test('not_allowed: any other host than those', async () => {
    const texts = ['https://good.com', 'https://docs.good.com/x', 'https://good.com and https://evil.com', 'evil.com'];
    expect(await bodies(links('not_allowed', 'good.com'), ...texts, 'no link')).toEqual(texts.slice(2));
  });

  test('first: of each person in each room, except to the hosts named', async () => {
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
    expect(await matches(links('first', 'good.com'), ...said)).toEqual([false, false, true, false, true, true]);
  });
});

describe('invites', () => {
  test('are links to this product’s invitations and to chat groups elsewhere, not to those places as such', async () => {
    const invites = [
      '[x](https:discord.gg/abc)',
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
    expect(await bodies({ type: 'invites' }, ...invites, ...others)).toEqual(invites);
  });
});

describe('what can be counted in one message', () => {
  test('mentions: more than so many', async () => {
    const trigger = { type: 'mentions', more: 3 } as const;
    expect(await matches(trigger, message({ mentions: 3 }), message({ mentions: 4 }))).toEqual([false, true]);
  });

  test('capitals: so many in a hundred of the letters that have them, from a number of letters on', async () => {
    const trigger = { type: 'capitals', percent: 70, letters: 10 } as const;
    const loud = ['STOP SHOUTING AT ME', 'ABCDEFG hij', 'ПЕРЕСТАНЬ КРИЧАТЬ', 'ΣΤΑΜΑΤΑ ΝΑ ΦΩΝΑΖΕΙΣ'];
    const calm = ['STOP', 'ABCDEF ghij', 'Stop shouting at me', '停止大喊大叫停止大喊大叫', '1234567890', ''];
    expect(await bodies(trigger, ...loud, ...calm)).toEqual(loud);
  });
});

describe('what is counted over time', () => {
  const at = (seconds: number, change: Partial<JudgedMessage> = {}) =>
    message({ now: NOW + seconds * 1000, ...change });

  test('flood: the message that is one too many within the time, and each while that lasts; of each person', async () => {
    const trigger = { type: 'flood', messages: 3, seconds: 10 } as const;
    expect(await matches(trigger, at(0), at(1), at(2), at(9), at(11.5), at(30))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
    const other = { sender: person(idAt(NOW - DAY)) };
    expect(await matches(trigger, at(0), at(1, other), at(2), at(3, other))).toEqual([false, false, false, false]);
    expect(await matches(trigger, at(0), at(5), at(10))).toEqual([false, false, false]);
  });

  test('repeats: the same text, whatever its case, width, spaces and accents', async () => {
    const trigger = { type: 'repeats', times: 3, seconds: 60 } as const;
    const texts = ['Buy now', 'buy  NOW', 'ｂｕｙ now', 'Buy now!', 'Buy\u200b now'];
    expect(await matches(trigger, ...texts.map((body, i) => at(i, { body })))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(await matches(trigger, at(0), at(30), at(61))).toEqual([false, false, false]);
    const others = [1, 2, 3].map((days) => at(days, { sender: person(idAt(NOW - days * DAY)) }));
    expect(await matches(trigger, ...others)).toEqual([false, false, false]);
  });

  test('newcomers: whose account, or membership, is younger than that; who has an office is none', async () => {
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
    expect(await matches(trigger, ...said)).toEqual([true, false, true, false, false, false]);
  });
});

describe('pattern', () => {
  const pattern = (source: string) => ({ type: 'pattern', pattern: source }) as const;

  test('is a regular expression in RE2 syntax', async () => {
    const found = await bodies(pattern('(?i)free\\s+(btc|bitcoin)'), 'FREE  Bitcoin here', 'free btc', 'freedom btc');
    expect(found).toEqual(['FREE  Bitcoin here', 'free btc']);
    expect(await bodies(pattern('^\\p{L}+$'), 'ünïcödé', 'two words')).toEqual(['ünïcödé']);
  });

  test('takes time in proportion to the text: (a+)+$ and its like do not hang', async () => {
    const text = `${'a'.repeat(8000)}!`;
    for (const source of ['(a+)+$', '(a|aa)+$', '^(a|a?)+$', '(.*a){15}$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(a*)*b']) {
      expect(await bodies(pattern(source), text), source).toEqual([]);
    }
  });

  test.each(['(a', 'a{1001}', '\\1', '(?=a)', '[z-a]', '(a{100}){100}', '(?:abcdefghij){100}', '((a{9}){9}){20}', '*'])(
    '%s is refused, and the field is named',
    async (source) => {
      await expect(rehearse(pattern(source), memoryBursts())).rejects.toMatchObject({
        code: 'bad_input',
        details: { fields: [{ field: 'trigger.pattern' }] },
      });
    },
  );
});
