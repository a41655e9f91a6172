import { readFile, stat } from 'node:fs/promises';
import { LIMITS, ProtocolError, rest } from '@confab/protocol';
import { parseInput } from '../../platform/errors.ts';
import type { LoungeService } from '../../modules/lounges/index.ts';
import { CommandError, type Words, UsageError } from '../command.ts';
import type { Runnable } from '../context.ts';
import { columns } from '../table.ts';

/** What is there to be done, each by what it is called after the command. */
type Deeds = Record<
  string,
  (lounges: LoungeService, words: Words, print: (...lines: string[]) => void) => Promise<void>
>;

const loungeDeeds: Deeds = {
  async list(lounges, _, print) {
    const all = await lounges.list();
    const rows = all.map(({ id, name, minRole, guests, adultsOnly, position, rooms }) => [
      id,
      name,
      minRole,
      guests,
      adultsOnly ? 'yes' : 'no',
      String(position),
      String(rooms.length),
    ]);
    print(...columns([['LOUNGE', 'NAME', 'FROM', 'GUESTS', 'ADULTS', 'POSITION', 'ROOMS'], ...rows]));
  },
  async create(lounges, words, print) {
    const fields = parseInput(rest.createLounge.body, loungeFields(words));
    const { id } = await lounges.create(null, { ...fields, ...(await pictureField(lounges, words)) });
    print(id);
  },
  async update(lounges, words, print) {
    const fields = parseInput(rest.updateLounge.body, loungeFields(words));
    const change = { ...fields, ...(await pictureField(lounges, words)) };
    const { lounge, isChanged } = await lounges.update(null, needed(words, 'lounge'), change);
    print(isChanged ? `${lounge.name} is changed.` : `${lounge.name} was so already: nothing is changed.`);
  },
  async delete(lounges, words, print) {
    await lounges.delete(null, needed(words, 'lounge'));
    print('The lounge and its rooms are gone.');
  },
};

const roomDeeds: Deeds = {
  async list(lounges, words, print) {
    const rooms = await lounges.rooms(needed(words, 'lounge'));
    const rows = rooms.map(({ room: { id, name, lounge, memberCount, moderation } }) => [
      id,
      name ?? '',
      lounge?.language ?? '',
      `${memberCount} of ${lounge?.capacity ?? 0}`,
      `${moderation.slowMode} s`,
    ]);
    print(...columns([['ROOM', 'NAME', 'LANGUAGE', 'MEMBERS', 'SLOW MODE'], ...rows]));
  },
  async create(lounges, words, print) {
    const input = parseInput(rest.createLanguageRoom.body, {
      ...texts(words, ['language', 'name', 'topic']),
      ...numbers(words, { capacity: 'capacity', slowMode: 'slow-mode' }),
    });
    const { room } = await lounges.createRoom(null, needed(words, 'lounge'), input);
    print(room.id);
  },
  async update(lounges, words, print) {
    if (words.text('language') !== undefined) throw new UsageError('--language is for rooms create: it stays');
    const change = roomFields(words);
    if (Object.keys(change).length === 0)
      throw new UsageError('nothing to change: --name, --topic, --capacity or --slow-mode is missing');
    const ids = [needed(words, 'lounge'), needed(words, 'room')] as const;
    const { room, isChanged } = await lounges.updateRoom(null, ...ids, change);
    print(isChanged ? `${room.name} is changed.` : `${room.name} was so already: nothing is changed.`);
  },
  async delete(lounges, words, print) {
    await lounges.deleteRoom(null, needed(words, 'lounge'), needed(words, 'room'));
    print('The room is gone.');
  },
};

export const lounges: Runnable = {
  name: 'lounges',
  summary: 'Public places: lounges list, create, update or delete.',
  args: ['list|create|update|delete'],
  options: {
    lounge: { type: 'string', help: 'Which one, by its id; to update or delete.' },
    name: { type: 'string', help: 'Needed to create one.' },
    topic: { type: 'string', help: 'A line about it.' },
    rules: { type: 'string', help: 'Markdown, shown before one joins.' },
    'min-role': { type: 'string', help: 'The least role that comes in: guest (unless told), user, moderator, …' },
    guests: { type: 'string', help: 'What guests do in it: write (unless told), read or none.' },
    'adults-only': { type: 'string', help: 'yes: whoever comes in has confirmed to be of age.' },
    position: { type: 'string', help: 'A number: lounges are listed in this order.' },
    picture: { type: 'string', help: 'A file: PNG, JPEG, WebP, GIF or AVIF, at most 2 MB; its middle is shown.' },
    'no-picture': { type: 'boolean', help: 'To update one: it has no picture any more.' },
  },
  run: (words, context) => perform(loungeDeeds, 'lounge', words, context),
};

export const rooms: Runnable = {
  name: 'rooms',
  summary: 'The language rooms of a lounge: rooms list, create, update or delete.',
  args: ['list|create|update|delete'],
  options: {
    lounge: { type: 'string', help: 'Of which lounge, by its id. Always needed.' },
    room: { type: 'string', help: 'Which one, by its id; to update or delete.' },
    language: { type: 'string', help: 'A tag such as en or pt-BR; needed to create one.' },
    name: { type: 'string', help: 'What the language calls itself, unless told.' },
    topic: { type: 'string', help: 'A line about it.' },
    capacity: { type: 'string', help: 'How many may be in it; 200 unless told.' },
    'slow-mode': { type: 'string', help: 'Seconds between two messages of one person; 0: none.' },
  },
  run: (words, context) => perform(roomDeeds, 'room or lounge', words, context),
};

async function perform(deeds: Deeds, what: string, words: Words, context: Parameters<Runnable['run']>[1]) {
  const [name = ''] = words.args;
  const deed = deeds[name];
  if (deed === undefined) throw new UsageError(`'${name}' is none of ${Object.keys(deeds).join(', ')}`);
  try {
    await deed(await context.lounges(), words, (...lines) => context.print(...lines));
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'not_found')
      throw new CommandError(`there is no such ${what}`);
    throw error;
  }
}

function loungeFields(words: Words): object {
  const adultsOnly = words.text('adults-only');
  const minRole = words.text('min-role');
  return {
    ...texts(words, ['name', 'topic', 'rules', 'guests']),
    ...numbers(words, { position: 'position' }),
    ...(minRole === undefined ? {} : { minRole }),
    ...(adultsOnly === undefined ? {} : { adultsOnly: yesOrNo('adults-only', adultsOnly) }),
  };
}

/** What becomes its picture, read and drawn before anything is changed; nothing where none was named. */
async function pictureField(
  lounges: LoungeService,
  words: Words,
): Promise<Pick<Parameters<LoungeService['update']>[2], 'picture'>> {
  const path = words.text('picture');
  if (words.isSet('no-picture')) {
    if (path !== undefined) throw new UsageError('--picture and --no-picture exclude each other');
    return { picture: null };
  }
  return path === undefined ? {} : { picture: await lounges.drawPicture(await fileAt(path)) };
}

async function fileAt(path: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > LIMITS.picture) throw new CommandError('the picture holds more than 2 MB');
    return await readFile(path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${path} could not be read`);
  }
}

/** What of a room is to be changed, each as its route takes it. */
function roomFields(words: Words): Parameters<LoungeService['updateRoom']>[3] {
  const capacity = numbers(words, { capacity: 'capacity' });
  return {
    ...parseInput(rest.updateRoom.body, texts(words, ['name', 'topic'])),
    ...(Object.keys(capacity).length === 0 ? {} : parseInput(rest.updateLanguageRoom.body, capacity)),
    ...parseInput(rest.moderateRoom.body, numbers(words, { slowMode: 'slow-mode' })),
  };
}

function yesOrNo(option: string, value: string): boolean {
  if (value !== 'yes' && value !== 'no') throw new UsageError(`--${option} is yes or no`);
  return value === 'yes';
}

function texts(words: Words, names: readonly string[]): object {
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value = words.text(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function numbers(words: Words, options: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(options).flatMap(([field, option]): [string, number][] => {
      const value = words.text(option);
      return value === undefined ? [] : [[field, Number(value)]];
    }),
  );
}

function needed(words: Words, option: string): string {
  const value = words.text(option);
  if (value === undefined) throw new UsageError(`--${option} is missing`);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) throw new UsageError(`--${option} is no id`);
  return value.toLowerCase();
}
