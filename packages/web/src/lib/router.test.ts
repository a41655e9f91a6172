import { expect, test } from 'vitest';
import { invitePath, messagePath, moderationPath, parsePath, roomPath, searchPath, threadPath } from './router.ts';

const roomId = '01936b5e-7d1c-7cc3-9a55-0242ac120002';
const threadId = '01936b5e-7d1c-7cc3-9a55-0242ac120003';

test('each path of the app shows its page', () => {
  expect(parsePath('/')).toEqual({ name: 'home' });
  for (const name of ['signin', 'signup', 'forgot', 'reset-password', 'verify-email', 'welcome', 'second-factor'])
    expect(parsePath(`/${name}`)).toEqual({ name });
  for (const name of ['mentions', 'starred', 'scheduled', 'explore', 'lounges', 'strangers', 'notices'])
    expect(parsePath(`/${name}`)).toEqual({ name });
});

test('settings and administration have pages of their own, the first of them unless told', () => {
  expect(parsePath('/settings')).toEqual({ name: 'settings', page: 'profile' });
  expect(parsePath('/settings/security?x=1')).toEqual({ name: 'settings', page: 'security' });
  expect(parsePath('/settings/nothing')).toEqual({ name: 'unknown' });
  expect(parsePath('/admin')).toEqual({ name: 'admin', page: 'accounts' });
  expect(parsePath('/admin/audit/')).toEqual({ name: 'admin', page: 'audit' });
});

test('the console of moderators has pages, and on some of them a case or a person is open', () => {
  expect(parsePath('/moderation')).toEqual({ name: 'moderation', page: 'figures', id: null });
  expect(parsePath('/moderation/held/')).toEqual({ name: 'moderation', page: 'held', id: null });
  expect(parsePath(moderationPath('reports', roomId))).toEqual({ name: 'moderation', page: 'reports', id: roomId });
  expect(parsePath('/moderation/nothing')).toEqual({ name: 'unknown' });
  expect(parsePath('/moderation/reports/1')).toEqual({ name: 'unknown' });
});

test('the path of a room leads to the room, to a message in it, and to a thread beside it', () => {
  expect(parsePath(roomPath(roomId))).toEqual({ name: 'room', roomId, threadId: null, n: null });
  expect(parsePath(messagePath(roomId, 42))).toEqual({ name: 'room', roomId, threadId: null, n: 42 });
  expect(parsePath(threadPath(roomId, threadId))).toEqual({ name: 'room', roomId, threadId, n: null });
});

test('the path of a search holds the query, that of an invitation the code', () => {
  expect(parsePath(searchPath(new URLSearchParams({ q: '世界 b' })))).toEqual({
    name: 'search',
    query: 'q=%E4%B8%96%E7%95%8C+b',
  });
  expect(parsePath(invitePath('abc_DEF-12345'))).toEqual({ name: 'invite', code: 'abc_DEF-12345' });
});

test('anything else is nothing known, and what is no message number is none', () => {
  for (const path of [
    '/r/',
    '/r/1',
    '/r/../../x',
    '/elsewhere',
    '//r/x',
    '/invite/',
    '/invite/a%2Fb',
    `/r/${roomId}/t/1`,
  ])
    expect(parsePath(path)).toEqual({ name: 'unknown' });
  for (const n of ['0', '-1', '1e3', 'x', '99999999999999999'])
    expect(parsePath(`${roomPath(roomId)}?n=${n}`)).toMatchObject({ name: 'room', n: null });
});
