/** Devices that notifications are pushed to. What reaches them is sealed: nobody who reads the database can. */
import { type Device, LIMITS, ProtocolError, type RouteParsed } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Core } from './core.ts';
import * as rows from './device-rows.ts';

/**
 * Registers a device, or finds it again: one token, or one subscription's address, is one device, and it belongs to who
 * named it last.
 * @throws ProtocolError limit_reached, session_ended
 */
export async function addDevice(
  { db, clock, ids, keyring, sessions }: Core,
  actor: Actor,
  body: RouteParsed<'addDevice'>['body'],
): Promise<Device> {
  const { userId } = actor;
  const address = body.kind === 'web' ? body.subscription.endpoint : body.token;
  const target = JSON.stringify(body.kind === 'web' ? body.subscription : body.token);
  const index = keyring.index('push', `${body.kind}:${address}`);
  return db.transaction(async (tx) => {
    // In this order everywhere: one person's devices are counted one after another, and so is one device claimed.
    await sessions.demandLive(tx, actor);
    const known = await rows.claim(tx, index);
    if (known?.userId !== userId && (await rows.count(tx, userId)) >= LIMITS.devices) {
      throw new ProtocolError('limit_reached');
    }
    const id = known?.id ?? ids.uuid();
    const createdAt = known?.userId === userId ? known.createdAt : clock.now();
    await rows.save(tx, {
      id,
      userId,
      kind: body.kind,
      target: keyring.seal(target, devicePlace(id)),
      index,
      createdAt,
    });
    return { id, kind: body.kind, createdAt };
  });
}

/** Where a sealed target belongs. */
export function devicePlace(deviceId: string): string {
  return `push:${deviceId}`;
}
