/** Lounges: what is seen of them, who runs them, and what a change does to those who are in their rooms. */
import { connect } from 'node:net';
import type { Lounge, Member, Room } from '@confab/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { call, type Person } from '../../../test/person.ts';
import { blank, redOverBlue } from '../../../test/pictures.ts';
import { expectRefused, isMember, joinRoom, languageRoom, refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { sharpPictures } from '../../platform/pictures/sharp.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** As anyone sees it, without signing in. */
async function seen(loungeId: string): Promise<Lounge | undefined> {
  const { lounges } = await call(server.url, undefined, 'lounges', {});
  return lounges.find(({ id }) => id === loungeId);
}

describe('a lounge', () => {
  test('is seen by everyone with its rooms, signed in or not; what an admin changes of it is seen at once', async () => {
    const admin = await server.person('admin', 'admin');
    const made = await admin.call('createLounge', { body: { name: 'Garden', rules: '*Be kind.*', position: 3 } });
    expect(made).toEqual({
      id: made.id,
      name: 'Garden',
      topic: '',
      picture: null,
      rules: '*Be kind.*',
      minRole: 'guest',
      guests: 'write',
      adultsOnly: false,
      position: 3,
      rooms: [],
    });
    expect(await seen(made.id)).toEqual(made);
    const params = { loungeId: made.id };
    const german = await admin.call('createLanguageRoom', {
      params,
      body: { language: 'de', capacity: 40, slowMode: 5, topic: 'Alles, was wächst' },
    });
    const canadian = await admin.call('createLanguageRoom', { params, body: { language: 'fr-ca', name: 'Québec' } });
    expect(german).toMatchObject({
      present: 0,
      room: {
        kind: 'language',
        name: 'Deutsch',
        topic: 'Alles, was wächst',
        lounge: { id: made.id, language: 'de', capacity: 40, guests: 'write' },
        moderation: { slowMode: 5 },
        memberCount: 0,
      },
    });
    expect(canadian.room).toMatchObject({ name: 'Québec', lounge: { language: 'fr-CA', capacity: 200 } });
    expect((await seen(made.id))?.rooms).toEqual([german, canadian]);
    expect((await call(server.url, undefined, 'loungeRooms', { params })).rooms).toEqual([german, canadian]);
    // Who made it, and against whom it is guarded, is not for everybody.
    expect(german.room).not.toHaveProperty('createdBy');
    expect(german.room.moderation).toEqual({ slowMode: 5, readOnly: false, lockedAt: null });

    const changed = await admin.call('updateLounge', { params, body: { topic: 'Plots', guests: 'read' } });
    expect(changed).toMatchObject({ name: 'Garden', topic: 'Plots', rules: '*Be kind.*', guests: 'read', position: 3 });
    expect(changed.rooms.map(({ room }) => room.lounge?.guests)).toEqual(['read', 'read']);
    expect(await seen(made.id)).toEqual(changed);

    const room = { ...params, roomId: german.room.id };
    expect(
      (await admin.call('updateLanguageRoom', { params: room, body: { capacity: 7 } })).room.lounge?.capacity,
    ).toBe(7);
    await admin.call('deleteLanguageRoom', { params: room });
    expect((await seen(made.id))?.rooms.map(({ room: { name } }) => name)).toEqual(['Québec']);
    await admin.call('deleteLounge', { params });
    expect(await seen(made.id)).toBeUndefined();
    await expect(admin.call('room', { params: { roomId: canadian.room.id } })).rejects.toMatchObject(
      refusedWith('not_found'),
    );
  });

  test.each([
    ['de', 'Deutsch'],
    ['pt-BR', 'Português (Brasil)'],
    ['uk', 'Українська'],
    ['ar', 'العربية'],
    ['ja', '日本語'],
  ])('names a room for %s what the language calls itself: %s', async (language, name) => {
    const { loungeId } = await languageRoom(server, { room: { language } });
    expect((await seen(loungeId))?.rooms.map(({ room }) => room.name)).toEqual([name]);
  });

  test('comes in the order of its position, those alike in the order in which they were made', async () => {
    const admin = await server.person('admin', 'admin');
    const open = async (name: string, position: number) =>
      (await admin.call('createLounge', { body: { name, position } })).id;
    const ids = [await open('last', 902), await open('first', 900), await open('second', 900)];
    const { lounges } = await call(server.url, undefined, 'lounges', {});
    expect(lounges.filter(({ id }) => ids.includes(id)).map(({ name }) => name)).toEqual(['first', 'second', 'last']);
    for (const loungeId of ids) await admin.call('deleteLounge', { params: { loungeId } });
  });

  test('is run by admins and owners; what is not there cannot be changed', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server);
    const other = await languageRoom(server);
    const [user, moderator] = [await server.person(), await server.person('moderator', 'moderator')];
    for (const person of [user, moderator]) {
      const deeds = [
        person.call('createLounge', { body: { name: 'Mine' } }),
        person.call('updateLounge', { params: { loungeId }, body: { name: 'Mine' } }),
        person.call('deleteLounge', { params: { loungeId } }),
        person.call('createLanguageRoom', { params: { loungeId }, body: { language: 'en' } }),
        person.call('updateLanguageRoom', { params: { loungeId, roomId }, body: { capacity: 2 } }),
        person.call('deleteLanguageRoom', { params: { loungeId, roomId } }),
      ];
      await expectRefused('forbidden', deeds);
    }
    const elsewhere = { loungeId: other.loungeId, roomId };
    const gone = { loungeId: roomId };
    await expectRefused('not_found', [
      admin.call('updateLanguageRoom', { params: elsewhere, body: { capacity: 2 } }),
      admin.call('deleteLanguageRoom', { params: elsewhere }),
      admin.call('updateLounge', { params: gone, body: { name: 'Nowhere' } }),
      admin.call('deleteLounge', { params: gone }),
      admin.call('createLanguageRoom', { params: gone, body: { language: 'en' } }),
      call(server.url, undefined, 'loungeRooms', { params: gone }),
    ]);
  });

  test('has 50 rooms at most, however many are made at the same time', async () => {
    const { admin, loungeId } = await languageRoom(server);
    const make = () => admin.call('createLanguageRoom', { params: { loungeId }, body: { language: 'en' } });
    const made = await Promise.allSettled(Array.from({ length: 55 }, make));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(49);
    for (const one of made)
      if (one.status === 'rejected') expect(one.reason).toMatchObject(refusedWith('limit_reached'));
    await admin.call('deleteLounge', { params: { loungeId } });
  });
});

describe('changing a lounge', () => {
  test('takes out of its rooms at once whoever may not be in them any more; it converges for those who stay', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server);
    const second = await admin.call('createLanguageRoom', { params: { loungeId }, body: { language: 'de' } });
    const [stays, guest] = [await server.person(), await server.person('guest', 'guest')];
    for (const id of [roomId, second.room.id]) for (const one of [stays, guest]) await joinRoom(one, id);
    const { id: messageId } = await stays.say(roomId, 'Let us go on in a thread');
    const { room: thread } = await stays.call('openThread', { params: { roomId, messageId } });
    await joinRoom(guest, thread.id);
    const connected = await guest.connect();
    await expectConverges(roomId, [stays], () =>
      admin.call('updateLounge', { params: { loungeId }, body: { guests: 'none' } }),
    );
    for (const id of [roomId, second.room.id, thread.id]) {
      await connected.until(
        ({ event, payload }: { event: string; payload: { roomId: string; member: Member } }) =>
          event === 'member' && payload.roomId === id && payload.member.leftAt !== null,
      );
    }
    expect((await guest.call('rooms', { query: {} })).rooms).toEqual([]);
    await expect(guest.say(roomId, 'Hello?')).rejects.toMatchObject(refusedWith('not_found'));
    await expect(joinRoom(guest, roomId)).rejects.toMatchObject(refusedWith('members_only'));
    expect(await isMember(stays, roomId)).toBe(true);

    // Whoever has not confirmed their age, and then whoever has no office.
    const adult = await server.person();
    await adult.call('confirmAge', { body: { ofAge: true } });
    const moderator = await server.person('moderator', 'moderator');
    await moderator.call('confirmAge', { body: { ofAge: true } });
    for (const one of [adult, moderator]) await joinRoom(one, roomId);
    await admin.call('updateLounge', { params: { loungeId }, body: { adultsOnly: true } });
    expect(await Promise.all([stays, adult, moderator].map((one) => isMember(one, roomId)))).toEqual([
      false,
      true,
      true,
    ]);
    await admin.call('updateLounge', { params: { loungeId }, body: { minRole: 'moderator' } });
    expect(await Promise.all([adult, moderator].map((one) => isMember(one, roomId)))).toEqual([false, true]);
  });

  test('while people come in leaves nobody inside who may not be', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server);
    const guests = await Promise.all(Array.from({ length: 30 }, () => server.person('guest', 'guest')));
    await Promise.allSettled([
      ...guests.slice(0, 15).map((guest) => joinRoom(guest, roomId)),
      admin.call('updateLounge', { params: { loungeId }, body: { guests: 'none' } }),
      ...guests.slice(15).map((guest) => joinRoom(guest, roomId)),
    ]);
    const { members } = await admin.call('members', { params: { roomId }, query: {} });
    expect(members).toEqual([]);
  });

  test('deleting it takes its rooms away from everyone who has them open', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server);
    const user = await server.person();
    await joinRoom(user, roomId);
    const connected = await user.connect();
    await connected.ask('room:join', { roomId });
    await admin.call('deleteLounge', { params: { loungeId } });
    await connected.until(
      ({ event, payload }: { event: string; payload: { room: Room } }) =>
        event === 'room' && payload.room.id === roomId && payload.room.deletedAt !== null,
    );
    await expect(joinRoom(user, roomId)).rejects.toMatchObject(refusedWith('not_found'));
    expect(await isMember(user, roomId)).toBe(false);
  });
});

describe('the picture of a lounge', () => {
  const give = (admin: Person, loungeId: string, body: Uint8Array<ArrayBuffer>) =>
    admin.call('setLoungePicture', { params: { loungeId }, body: new Blob([body], { type: 'image/png' }) });
  const get = (path: string | null) => fetch(`${server.url}${path}`);

  test('leads to what may be kept for good, and to nothing once it is another one; the trail tells who gave it', async () => {
    const { admin, loungeId } = await languageRoom(server);
    const params = { loungeId };
    const first = await give(admin, loungeId, blank(300, 300));
    expect((await seen(loungeId))?.picture).toBe(first.picture);
    const answer = await get(first.picture);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    });
    // The same, once more: nothing changes.
    expect(await give(admin, loungeId, blank(300, 300))).toEqual(first);
    const second = await give(admin, loungeId, await redOverBlue().png().toBuffer());
    const elsewhere = first.picture?.replace(loungeId, (await languageRoom(server)).loungeId) ?? '';
    for (const path of [first.picture, elsewhere]) {
      const gone = await get(path);
      expect([gone.status, gone.headers.get('cache-control')]).toEqual([404, 'no-store']);
    }
    // A change of something else leaves it.
    expect((await admin.call('updateLounge', { params, body: { name: 'Shed' } })).picture).toBe(second.picture);
    expect((await get(second.picture)).status).toBe(200);
    for (let time = 0; time < 2; time++)
      expect((await admin.call('removeLoungePicture', { params })).picture).toBeNull();
    expect((await get(second.picture)).status).toBe(404);
    const { entries } = await admin.call('moderationLog', { query: { action: 'lounge.changed', actorId: admin.id } });
    expect(entries.map(({ details }) => details['picture']).toReversed()).toEqual([
      { from: null, to: first.picture },
      { from: first.picture, to: second.picture },
      undefined,
      { from: second.picture, to: null },
    ]);
    const { picture } = await give(admin, loungeId, blank(300, 300));
    await admin.call('deleteLounge', { params });
    expect((await get(picture)).status).toBe(404);
    await expect(give(admin, loungeId, blank(300, 300))).rejects.toMatchObject(refusedWith('not_found'));
  });

  const frames = async () =>
    sharp([await redOverBlue().png().toBuffer(), blank(600, 400)], { join: { animated: true } });
  test.each([
    ['PNG', async () => redOverBlue().png()],
    ['JPEG on its side', async () => redOverBlue().rotate(-90).withMetadata({ orientation: 6 }).jpeg()],
    ['WebP', async () => redOverBlue().webp()],
    ['AVIF', async () => redOverBlue().avif()],
    ['animated GIF', async () => (await frames()).gif()],
  ])('is the middle of a %s as a square WebP, upright, with nothing beside it', async (_, picture) => {
    const { admin, loungeId } = await languageRoom(server);
    const sent = await (await picture()).toBuffer();
    const kept = sharp(await (await get((await give(admin, loungeId, sent)).picture)).arrayBuffer());
    const { format, width, height, pages, exif, icc, xmp } = await kept.metadata();
    expect({ format, width, height, pages, exif, icc, xmp }).toEqual({ format: 'webp', width: 256, height: 256 });
    const pixels = await kept.removeAlpha().raw().toBuffer();
    const isRed = (x: number, y: number) => (pixels[(y * 256 + x) * 3] ?? 0) > (pixels[(y * 256 + x) * 3 + 2] ?? 0);
    expect([isRed(5, 5), isRed(250, 5), isRed(5, 250), isRed(250, 250)]).toEqual([true, true, false, false]);
  });

  const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
  const inPieces = (size: number) => new Blob([Buffer.alloc(size)]).stream();
  test.each([
    ['of text', async () => 'Not a picture', 'bad_input'],
    ['that is an SVG', async () => SVG, 'bad_input'],
    ['that is a PDF', async () => '%PDF-1.7\n%âãÏÓ\n1 0 obj\n', 'bad_input'],
    ['that is a TIFF', async () => redOverBlue().tiff().toBuffer(), 'bad_input'],
    ['that breaks off', async () => (await redOverBlue().png().toBuffer()).subarray(0, 500), 'bad_input'],
    ['of 900 million pixels', async () => blank(30_000, 30_000), 'bad_input'],
    ['of 10 MB', async () => Buffer.alloc(10_000_000), 'payload_too_large'],
    ['of 3 MB, of no told length', async () => inPieces(3_000_000), 'payload_too_large'],
    ['of nothing, of no told length', async () => inPieces(0), 'bad_input'],
  ])('is none %s, whatever it is called: it is refused, and nothing is changed', async (_, body, code) => {
    const { admin, loungeId } = await languageRoom(server);
    const before = await give(admin, loungeId, blank(4, 4));
    const answer = await fetch(`${server.url}/api/admin/lounges/${loungeId}/picture`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${admin.signedIn.accessToken}`, 'content-type': 'image/png' },
      body: await body(),
      duplex: 'half',
    });
    expect(await answer.json()).toMatchObject({ error: { code, details: { fields: [{ field: 'picture' }] } } });
    expect(await seen(loungeId)).toEqual(before);
  });

  test('is drawn one at a time, while ten wait; more are told to come again', async () => {
    const pictures = sharpPictures();
    const drawn = await Promise.allSettled(Array.from({ length: 50 }, () => pictures.square(blank(40, 40))));
    const refused = drawn.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(39);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'overloaded', details: { retryAfter: 1 } });
  });

  test('is not changed by whoever goes away in the middle of sending one, however often', async () => {
    const { admin, loungeId } = await languageRoom(server);
    const { hostname, port } = new URL(server.url);
    const picture = blank(300, 300);
    const head = [
      `PUT /api/admin/lounges/${loungeId}/picture HTTP/1.1`,
      `host: ${hostname}`,
      `authorization: Bearer ${admin.signedIn.accessToken}`,
      'content-type: image/png',
      `content-length: ${picture.length}`,
    ];
    for (let time = 0; time < 15; time++) {
      const socket = connect(Number(port), hostname);
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      await new Promise<void>((resolve) => socket.write(picture.subarray(0, -1), () => resolve()));
      socket.destroy();
    }
    expect((await seen(loungeId))?.picture).toBeNull();
    expect((await get((await give(admin, loungeId, picture)).picture)).status).toBe(200);
  });
});
