/** What is measured. */
import type { Client } from './client.ts';
import { pick, type World } from './world.ts';
import { COMMON, HAN_WORD, RARE, word } from './words.ts';

export interface Case {
  name: string;
  /** Does one request, of someone and for something chosen at random. */
  run: () => Promise<unknown>;
}

/** @param clients people as they are, by their index in the world; the last one is in more rooms than anyone */
export function casesOf(world: World, clients: ReadonlyMap<number, Client>): Case[] {
  const { random } = world;
  const indexes = [...clients.keys()];
  const busiest = indexes.at(-1) ?? 0;
  const typical = indexes.slice(0, -1);
  const client = (index: number): Client => {
    const found = clients.get(index);
    if (found === undefined) throw new Error('no such client');
    return found;
  };
  const someone = () => pick(typical, random);
  const get = (name: string, path: (user: number) => string, who = someone): Case => ({
    name,
    run: () => {
      const user = who();
      return client(user).get(path(user));
    },
  });
  const roomOf = (user: number, script?: 'han') => {
    const rooms = (world.users[user]?.rooms ?? []).map((at) => world.rooms[at]).filter((room) => room !== undefined);
    return pick(script === undefined ? rooms : rooms.filter((room) => room.script === script), random);
  };
  const history = (user: number, query: (messages: number) => string) => {
    const room = roomOf(user);
    return `/api/rooms/${room.id}/messages?limit=50${query(Math.ceil(room.messages * random()))}`;
  };
  const search = (q: string, more = '') => `/api/search?q=${encodeURIComponent(q)}${more}`;
  const hot = world.rooms[0];
  const inHot = hot?.members.find((user) => clients.has(user)) ?? busiest;
  const yearAgo = Date.now() - 365 * 24 * 3600 * 1000;
  const daysAgo = (days: number) => Date.now() - days * 24 * 3600 * 1000;
  const synced = (name: string, changesAgo: number, who = someone): Case => ({
    name,
    run: () => client(who()).sync(changesAgo),
  });

  return [
    get('chat list, first page', () => '/api/rooms'),
    get(
      'chat list, 100 of the person in most rooms',
      () => '/api/rooms?limit=100',
      () => busiest,
    ),
    get('history, newest page', (user) => history(user, () => '')),
    get('history, before any message', (user) => history(user, (n) => `&before=${n}`)),
    get('history, around any message', (user) => history(user, (n) => `&around=${n}`)),
    get('history, at a date', (user) => history(user, () => `&date=${yearAgo + Math.floor(random() * 3e10)}`)),
    get('search, rare word', () => search(RARE)),
    get('search, any word', () => search(word(1000 + Math.floor(random() * 20_000)))),
    get('search, common word', () => search(COMMON)),
    get('search, one letter', () => search('t')),
    get('search, two words', () => search(`${COMMON} ${word(Math.floor(random() * 300))}`)),
    get('search, Chinese word', () => search(HAN_WORD)),
    get('search, one Chinese character', () => search('丁')),
    get(
      'search, rare word, person in most rooms',
      () => search(RARE),
      () => busiest,
    ),
    get(
      'search, common word, person in most rooms',
      () => search(COMMON),
      () => busiest,
    ),
    get('search, common word by one author', (user) => search(COMMON, `&from=${client(user).userId}`)),
    get('search, common word with a link', () => search(COMMON, '&has=link')),
    get('search, common word that mentions me', () => search(COMMON, '&mentionsMe=true')),
    get('search, common word, a month half a year ago', () =>
      search(COMMON, `&after=${daysAgo(210)}&before=${daysAgo(180)}`),
    ),
    get(
      'search, common word in the hottest room',
      () => search(COMMON, `&roomId=${hot?.id}`),
      () => inHot,
    ),
    get(
      'search, rare word in the hottest room',
      () => search(RARE, `&roomId=${hot?.id}`),
      () => inHot,
    ),
    synced('sync, behind in no room', 0),
    synced('sync, behind in all rooms by 5', 5),
    synced('sync, behind in all rooms by 5, person in most rooms', 5, () => busiest),
    synced('sync, behind in all rooms by 1,000', 1000),
  ];
}
