/** Fills a server with the lounges of the demo, through its API as any client would. */
import type { Lounge, SignedIn } from '@confab/protocol';
import { call as callOnce, patiently } from './api.ts';
import type { PersonKey } from './content.ts';
import { type DemoLounge, type GuestKey, guests, lounges } from './lounges.ts';

const call: typeof callOnce = (...args) => patiently(() => callOnce(...args));

/**
 * Adds whatever is missing: lounges are told by their name, rooms by their language, messages by their client ids. Guests
 * are made where one has something to say. Idempotent, also after it broke off.
 * @param admin whose lounges they are
 */
export async function fillLounges(
  url: string,
  admin: SignedIn,
  as: (key: PersonKey) => SignedIn,
): Promise<{ rooms: number; messages: number }> {
  const added = { rooms: 0, messages: 0 };
  const visitors = new Map<GuestKey, SignedIn>();
  const grownUp = new Set<string>();

  async function speaker(key: PersonKey | GuestKey): Promise<SignedIn> {
    if (!isGuest(key)) return as(key);
    const body = { name: guests[key], transport: 'body' as const };
    const visitor = visitors.get(key) ?? (await call(url, undefined, 'guest', { body }));
    visitors.set(key, visitor);
    return visitor;
  }

  async function confirmAge({ accessToken, user }: SignedIn): Promise<void> {
    if (grownUp.has(user.id)) return;
    await call(url, accessToken, 'confirmAge', { body: { ofAge: true } });
    grownUp.add(user.id);
  }

  async function fill(demo: DemoLounge, known: Lounge | undefined): Promise<void> {
    const token = admin.accessToken;
    if (demo.lounge.adultsOnly === true) await confirmAge(admin);
    const { id: loungeId, rooms } = known ?? (await call(url, token, 'createLounge', { body: demo.lounge }));
    for (const [language, lines] of Object.entries(demo.rooms)) {
      let room = rooms.find((one) => one.room.lounge?.language === language)?.room;
      if (room === undefined) {
        room = (await call(url, token, 'createLanguageRoom', { params: { loungeId }, body: { language } })).room;
        added.rooms += 1;
      }
      await talk(demo, room.id, room.n === 0 ? new Set() : await said(room.id), language, lines);
    }
  }

  async function said(roomId: string): Promise<Set<string>> {
    const query = { limit: '100' };
    const { messages } = await call(url, admin.accessToken, 'messages', { params: { roomId }, query });
    return new Set(messages.map(({ clientId }) => clientId));
  }

  async function talk(
    { key, lounge }: DemoLounge,
    roomId: string,
    before: ReadonlySet<string>,
    language: string,
    lines: DemoLounge['rooms'][string],
  ): Promise<void> {
    for (const [i, [by, body]] of lines.entries()) {
      const clientId = `demo-${key}-${language}-${i + 1}`;
      if (before.has(clientId)) continue;
      const person = await speaker(by);
      const { accessToken } = person;
      if (lounge.adultsOnly === true) await confirmAge(person);
      await call(url, accessToken, 'joinRoom', { params: { roomId } });
      await call(url, accessToken, 'sendMessage', { params: { roomId }, body: { clientId, body } });
      added.messages += 1;
    }
  }

  const { lounges: there } = await call(url, undefined, 'lounges', {});
  for (const demo of lounges) {
    await fill(
      demo,
      there.find(({ name }) => name === demo.lounge.name),
    );
  }
  return added;
}

function isGuest(key: PersonKey | GuestKey): key is GuestKey {
  return key in guests;
}
