/** The pictures of lounges, as they are kept and found. */
import { createHash } from 'node:crypto';
import { rest } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

/** A picture that is safe to show. */
export interface Picture {
  image: Buffer;
  /** SHA-256, in hex. */
  hash: string;
}

export function hashed(image: Buffer): Picture {
  return { image, hash: createHash('sha256').update(image).digest('hex') };
}

/** Where it is served: what a lounge says of its picture. */
export function pathOf(loungeId: string, picture: Picture | null): string | null {
  if (picture === null) return null;
  return rest.loungePicture.path.replace(':loungeId', loungeId).replace(':hash', picture.hash);
}

/** Keeps it for a lounge that is there, in place of the one before; null: none. */
export async function savePicture(
  db: Queryable,
  loungeId: string,
  picture: Picture | null,
  createdAt: number,
): Promise<void> {
  if (picture === null) {
    await db.query('DELETE FROM chat.lounge_pictures WHERE lounge_id = $1', [loungeId]);
    return;
  }
  await db.query(
    `INSERT INTO chat.lounge_pictures (lounge_id, hash, image, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (lounge_id) DO UPDATE
     SET hash = excluded.hash, image = excluded.image, created_at = excluded.created_at`,
    [loungeId, picture.hash, picture.image, new Date(createdAt)],
  );
}

/** The picture of a lounge, if it is the one of this hash. */
export async function pictureBy(db: Queryable, loungeId: string, hash: string): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ image: Buffer }>(
    { name: 'lounges.picture', text: 'SELECT image FROM chat.lounge_pictures WHERE lounge_id = $1 AND hash = $2' },
    [loungeId, hash],
  );
  return rows[0]?.image;
}
