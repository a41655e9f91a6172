import { describe, expect, test } from 'vitest';
import { commandBody, COMMANDS, findCommand, messageText, parseCommand, splitArgs } from './commands.ts';

describe('parseCommand', () => {
  test.each([
    ['/topic Tea at four', 'topic', 'Tea at four'],
    ['/LEAVE', 'leave', ''],
    ['/me  waves  ', 'me', 'waves'],
    ['/poll "Tea?"\n"yes"', 'poll', '"Tea?"\n"yes"'],
    ['/no-such-command x', 'no-such-command', 'x'],
  ])('%j is a command', (text, command, args) => {
    expect(parseCommand(text)).toEqual({ command, args });
  });

  test.each(['hello', ' /leave', '/', '/ leave', '//leave', '/usr/bin', '/4 of them', '', '/@ann', 'a /leave'])(
    '%j is a message',
    (text) => {
      expect(parseCommand(text)).toBeNull();
    },
  );
});

test('two slashes send one: what looks like a command can be said', () => {
  expect(messageText('//leave')).toBe('/leave');
  expect(messageText('///')).toBe('//');
  expect(messageText('/usr/bin')).toBe('/usr/bin');
  expect(messageText('hello // there')).toBe('hello // there');
});

describe('the registry', () => {
  test('every command can be typed, and is listed once', () => {
    for (const { name } of COMMANDS) expect(parseCommand(`/${name} x`)).toEqual({ command: name, args: 'x' });
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
  });

  test('a command is found where it makes sense, and nowhere else', () => {
    expect(findCommand('topic', 'group')).toMatchObject({ name: 'topic' });
    expect(findCommand('topic', 'direct')).toBeUndefined();
    expect(findCommand('shrug', 'direct')).toMatchObject({ name: 'shrug' });
    expect(findCommand('no-such-command', 'group')).toBeUndefined();
  });

  test('commands that become messages say what was typed, as it was typed', () => {
    const [me, shrug, topic] = ['me', 'shrug', 'topic'].map((name) => findCommand(name, 'group'));
    if (!me || !shrug || !topic) throw new Error('known commands');
    expect(commandBody(me, 'waves $& %s')).toBe('_waves $& %s_');
    expect(commandBody(me, '')).toBeNull();
    expect(commandBody(shrug, '')).toBe('¯\\\\\\_(ツ)\\_/¯');
    expect(commandBody(shrug, 'well')).toBe('well ¯\\\\\\_(ツ)\\_/¯');
    expect(commandBody(topic, 'Tea')).toBeNull();
  });
});

test('arguments are split at white space, except between quotation marks', () => {
  expect(splitArgs(' "Tea at four?"  yes “not today” "" ')).toEqual(['Tea at four?', 'yes', 'not today', '']);
  expect(splitArgs('')).toEqual([]);
});
