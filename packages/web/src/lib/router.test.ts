import { expect, test } from 'vitest';
import { parsePath, roomPath } from './router.ts';

test('each path of the app shows its page', () => {
  expect(parsePath('/')).toEqual({ name: 'home' });
  expect(parsePath('/signin')).toEqual({ name: 'signin' });
  expect(parsePath('/signup')).toEqual({ name: 'signup' });
});

test('the path of a room leads to the room', () => {
  const roomId = '01936b5e-7d1c-7cc3-9a55-0242ac120002';
  expect(parsePath(roomPath(roomId))).toEqual({ name: 'room', roomId });
});

test('anything else is the home page', () => {
  for (const path of ['/r/', '/r/1', '/r/../../x', '/elsewhere', '//r/x'])
    expect(parsePath(path)).toEqual({ name: 'home' });
});
