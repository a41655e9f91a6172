import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isHeld, writeAtOnce } from './socket-write.ts';

let [here, there]: Socket[] = [];
let close: () => Promise<unknown>;
beforeEach(async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  there = connect((server.address() as AddressInfo).port, '127.0.0.1');
  [here] = await accepted;
  close = async () => {
    here?.destroy();
    there?.destroy();
    server.close();
    await once(server, 'close');
  };
});
afterEach(() => close());

/** Both ends of a connection. */
function ends(): { here: Socket; there: Socket } {
  if (here === undefined || there === undefined) throw new Error('not connected');
  return { here, there };
}

test('the insides of Node’s sockets are as they are used: a write goes past the stream and arrives', async () => {
  const { here, there } = ends();
  const past = vi.spyOn(here, 'write');
  writeAtOnce(here, Buffer.from('hello'));
  const [data] = (await once(there, 'data')) as [Buffer];
  expect(data.toString()).toBe('hello');
  expect(past).not.toHaveBeenCalled();
  expect([here.writableLength, isHeld(here)]).toEqual([0, false]);
});

test('what the other end does not read is held, and arrives whole and in order once it reads', async () => {
  const { here, there } = ends();
  there.pause();
  const written: Buffer[] = [];
  const block = (n: number) => Buffer.alloc(300_000, n);
  const next = () => {
    const data = block(written.length);
    written.push(data);
    return data;
  };
  for (let left = 200; !isHeld(here); left -= 1) {
    if (left === 0) expect.unreachable('nothing was ever held');
    writeAtOnce(here, next());
  }
  // Behind it: by the stream, and by this, which goes by the stream as long as something is held.
  expect(here.writableLength).toBe(0);
  here.write(next());
  writeAtOnce(here, next());
  expect(here.writableLength).toBe(600_000);
  const read: Buffer[] = [];
  let length = 0;
  const all = new Promise<void>((resolve) => {
    there.resume().on('data', (data: Buffer) => {
      read.push(data);
      length += data.length;
      if (length === written.length * 300_000) resolve();
    });
  });
  await all;
  expect(Buffer.concat(read).equals(Buffer.concat(written))).toBe(true);
  await expect.poll(() => [here.writableLength, isHeld(here)]).toEqual([0, false]);
});

test('what was corked before goes first', async () => {
  const { here, there } = ends();
  here.cork();
  here.write('a');
  writeAtOnce(here, Buffer.from('b'));
  here.uncork();
  const [data] = (await once(there, 'data')) as [Buffer];
  expect(data.toString()).toBe('ab');
});

test('a connection that is destroyed while something is held is let go of', async () => {
  const { here, there } = ends();
  there.pause();
  for (let left = 200; !isHeld(here); left -= 1) {
    if (left === 0) expect.unreachable('nothing was ever held');
    writeAtOnce(here, Buffer.alloc(300_000));
  }
  const closed = once(here, 'close');
  here.destroy();
  await closed;
  await expect.poll(() => isHeld(here)).toBe(false);
});

test('a connection that was ended answers as its stream does, and one that is gone says nothing', async () => {
  const { here } = ends();
  here.end();
  const failed = once(here, 'error');
  writeAtOnce(here, Buffer.from('too late'));
  expect(await failed).toEqual([expect.objectContaining({ code: 'ERR_STREAM_WRITE_AFTER_END' })]);
  here.destroy();
  writeAtOnce(here, Buffer.from('too late'));
});
