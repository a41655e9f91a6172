/** Bans from the whole instance: how they hold, end, and are appealed against by who cannot sign in. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outcome, refusal } from '../../../test/person.ts';
import { room } from '../../../test/rooms.ts';
import { actionsOn, decide, lift, sanction } from '../../../test/sanctions.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;

const clock = new FakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { clock });
});
afterAll(() => server.stop());

describe('a ban from the instance', () => {
  test('by a moderator lasts 7 days at most; admins ban for good; nobody above', async () => {
    const [moderator, admin, owner] = await Promise.all(
      (['moderator', 'admin', 'owner'] as const).map((role) => server.person('by', role)),
    );
    if (moderator === undefined || admin === undefined || owner === undefined) throw new Error('somebody is missing');
    const [user, guest] = [await server.person(), await server.person('g', 'guest')];
    expect(await outcome(sanction(moderator, user, 'ban', null))).toBe('forbidden');
    expect(await outcome(sanction(moderator, user, 'ban', null, { until: clock.now() + 8 * DAY }))).toBe('forbidden');
    expect(await outcome(sanction(moderator, admin, 'ban', null, { until: clock.now() + DAY }))).toBe('forbidden');
    expect(await outcome(sanction(admin, owner, 'ban', null))).toBe('forbidden');
    expect(await outcome(sanction(owner, owner, 'ban', null))).toBe('forbidden');
    const banned = await sanction(moderator, user, 'ban', null, { until: clock.now() + 7 * DAY });
    expect(banned).toMatchObject({ type: 'ban', roomId: null, by: moderator.id });
    expect(await outcome(user.call('profile', {}))).toBe('session_ended');
    expect((await refusal(user.signInAgain())).code).toBe('account_banned');
    await sanction(moderator, guest, 'ban', null, { until: clock.now() + DAY });
    expect(await outcome(guest.call('profile', {}))).toBe('session_ended');
    expect(await actionsOn(server, user.id)).toEqual(['member.banned']);
  });

  test('ends on every live connection at once, and ends itself at its time', async () => {
    const [admin, user] = [await server.person('a', 'admin'), await server.person()];
    const device = await user.connect();
    const cut = new Promise((resolve) => device.socket.once('disconnect', resolve));
    await sanction(admin, user, 'ban', null, { until: clock.now() + HOUR });
    await cut;
    expect(device.events.at(-1)).toEqual({ event: 'session:ended', payload: { reason: 'banned' } });
    await clock.advance(HOUR);
    expect(await outcome(user.signInAgain())).toBe('ok');
  });

  test('is appealed against with the token of the refused sign-in, once, and by nobody else', async () => {
    const [admin, other, user] = [
      await server.person('a', 'admin'),
      await server.person('b', 'admin'),
      await server.person(),
    ];
    const banned = await sanction(admin, user, 'ban', null);
    expect(JSON.stringify(await refusal(user.signInAgain('not the password')))).not.toContain('appeal');
    const tokens = await Promise.all(
      Array.from({ length: 2 }, async () => (await refusal(user.signInAgain())).details?.ban?.appeal ?? ''),
    );
    const body = { text: 'It was not me' };
    for (const wrong of ['x', `${tokens[0]?.slice(0, -4)}AAAA`, user.signedIn.accessToken.slice(0, 400)]) {
      expect(await outcome(user.call('appealBan', { body: { ...body, token: wrong } }))).toBe('invalid_link');
      expect(await outcome(user.call('ownBan', { body: { token: wrong } }))).toBe('invalid_link');
    }
    const own = () => user.call('ownBan', { body: { token: tokens[0] ?? '' } });
    expect(await own()).toMatchObject({ id: banned.id, reason: 'Be kind', until: null, by: null, appeal: null });
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        outcome(user.call('appealBan', { body: { ...body, token: tokens[i % 2] ?? '' } })),
      ),
    );
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'already_appealed'), 'ok']);
    expect((await own()).appeal).toMatchObject({ text: 'It was not me', state: 'open' });
    expect(await outcome(decide(admin, banned.id, true))).toBe('forbidden');
    const granted = await decide(other, banned.id, true);
    expect(await outcome(own())).toBe('invalid_link');
    expect(granted).toMatchObject({ liftedAt: clock.now(), appeal: { state: 'granted' } });
    expect(await outcome(user.signInAgain())).toBe('ok');
    expect(await outcome(user.call('appealBan', { body: { ...body, token: tokens[0] ?? '' } }))).toBe('invalid_link');
  });

  test('of a guest, who has nothing else, is appealed against with the refresh token they hold, once', async () => {
    const [admin, guest] = [await server.person('a', 'admin'), await server.person('g', 'guest')];
    const banned = await sanction(admin, guest, 'ban', null, { until: clock.now() + DAY, reason: 'Spam' });
    const body = { refreshToken: guest.signedIn.refreshToken };
    const refused = () => refusal(guest.call('refresh', { body }));
    const { code, details } = await refused();
    expect([code, details?.ban]).toMatchObject(['account_banned', { until: clock.now() + DAY, reason: 'Spam' }]);
    const token = details?.ban?.appeal ?? '';
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => outcome(guest.call('appealBan', { body: { token, text: 'It was not me' } }))),
    );
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'already_appealed'), 'ok']);
    const other = await server.person('b', 'admin');
    const { sanctions, users } = await other.call('appeals', { query: {} });
    expect(sanctions.at(-1)).toMatchObject({ id: banned.id, userId: guest.id, appeal: { state: 'open' } });
    expect(users.map(({ id }) => id)).toContain(guest.id);
    await admin.call('unban', { params: { userId: guest.id } });
    expect((await refused()).code).toBe('session_ended');
  });

  test('appeal tokens are good for a day', async () => {
    const [admin, user] = [await server.person('a', 'admin'), await server.person()];
    await sanction(admin, user, 'ban', null);
    const token = (await refusal(user.signInAgain())).details?.ban?.appeal ?? '';
    await clock.advance(DAY);
    expect(await outcome(user.call('appealBan', { body: { token, text: 'x' } }))).toBe('invalid_link');
  });

  test('by the account’s administration is the same: recorded, appealed against, ended', async () => {
    const [admin, user] = [await server.person('a', 'admin'), await server.person()];
    const params = { userId: user.id };
    await admin.call('ban', { params, body: { reason: 'Spam', until: null } });
    const token = (await refusal(user.signInAgain())).details?.ban?.appeal ?? '';
    await user.call('appealBan', { body: { token, text: 'It was not me' } });
    await admin.call('unban', { params });
    await admin.call('unban', { params });
    expect(await actionsOn(server, user.id)).toEqual(['member.banned', 'sanction.lifted']);
    const { sanctions } = await admin.call('moderatedUser', { params });
    expect(sanctions).toMatchObject([{ type: 'ban', liftedAt: clock.now(), appeal: { state: 'granted' } }]);
  });

  test('is not lifted from below: what admins decided is for admins', async () => {
    const [moderator, admin, user] = [
      await server.person('m', 'moderator'),
      await server.person('a', 'admin'),
      await server.person(),
    ];
    const banned = await sanction(admin, user, 'ban', null, { until: clock.now() + DAY });
    expect(await outcome(lift(moderator, banned.id))).toBe('forbidden');
    expect(await outcome(lift(await server.person(), banned.id))).toBe('not_found');
    const again = await sanction(admin, user, 'ban', null);
    expect((await lift(admin, banned.id)).liftedAt).not.toBe(null);
    expect((await refusal(user.signInAgain())).code).toBe('account_banned');
    await lift(admin, again.id);
    expect((await lift(admin, again.id)).liftedAt).toBe(clock.now());
    expect(await actionsOn(server, user.id)).toEqual(['member.banned', 'member.banned', 'sanction.lifted']);
  });

  test('50 at the same time leave one in force, and a trail of all', async () => {
    const [admin, user] = [await server.person('a', 'admin'), await server.person()];
    await Promise.all(Array.from({ length: 50 }, () => sanction(admin, user, 'ban', null)));
    const { sanctions } = await admin.call('moderatedUser', { params: { userId: user.id } });
    expect(sanctions.filter(({ liftedAt }) => liftedAt === null)).toHaveLength(1);
    expect(await actionsOn(server, user.id)).toHaveLength(50);
  });
});

test('mutes and bans of rooms end by themselves at their time', async () => {
  const { owner, member, other, roomId } = await room(server, 'public');
  await sanction(owner, member, 'mute', roomId, { until: clock.now() + MINUTE });
  await sanction(owner, other, 'ban', roomId, { until: clock.now() + MINUTE });
  await clock.advance(MINUTE - 1);
  expect(await outcome(member.say(roomId, 'x'))).toBe('silenced');
  expect(await outcome(other.call('joinRoom', { params: { roomId } }))).toBe('banned_here');
  await clock.advance(1);
  expect(await outcome(member.say(roomId, 'x'))).toBe('ok');
  expect(await outcome(other.call('joinRoom', { params: { roomId } }))).toBe('ok');
});
