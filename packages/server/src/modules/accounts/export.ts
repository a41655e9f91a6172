/** Everything kept about a person, as an archive made while it is read. */
import { Readable } from 'node:stream';
import { ProtocolError } from '@confab/protocol';
import { ZipFile } from 'yazl';
import type { Download } from '../../platform/http/index.ts';
import type { PersonalFile } from '../../platform/personal-data.ts';
import type { Core } from './core.ts';
import { accountsPersonalData } from './personal-data.ts';

/** Seconds. */
const BUSY_S = 10;

/**
 * Makes archives: one at a time for each person, on each node, as it reads all there is of them.
 * @throws ProtocolError too_many_requests while theirs is being made
 */
export function createExport(core: Core): (userId: string, ip: string) => Promise<Download> {
  const own = accountsPersonalData(core);
  const underWay = new Set<string>();
  return async (userId, ip) => {
    if (underWay.has(userId)) throw new ProtocolError('too_many_requests', { retryAfter: BUSY_S });
    underWay.add(userId);
    try {
      await core.audit.record(core.db, { action: 'account.exported', actorId: userId, targetId: userId, ip });
    } catch (error) {
      underWay.delete(userId);
      throw error;
    }
    const files = [own, ...core.personalData()].flatMap((data) => data.files(userId));
    const stream = archive(files, core.clock.now());
    stream.once('close', () => underWay.delete(userId));
    return { name: 'confab-data.zip', content: stream };
  };
}

/**
 * A ZIP archive of the files, in their order. Rows are read as fast as the archive is, and no faster: memory does not grow
 * with what there is. When the reader goes away, reading ends with the page under way; when reading fails, the archive
 * ends with the error.
 * @param at epoch ms: when it is made
 */
function archive(files: readonly PersonalFile[], at: number): Readable {
  const zip = new ZipFile();
  // The types promise less than it is, a PassThrough.
  const output = zip.outputStream as Readable;
  let current: Readable | undefined;
  output.once('close', () => current?.destroy());
  zip.on('error', (error: Error) => output.destroy(error));
  for (const file of files) {
    zip.addReadStreamLazy(file.name, { mtime: new Date(at) }, (give) => {
      current = Readable.from(lines(file), { objectMode: false });
      // yazl does not listen to it.
      current.on('error', (error) => output.destroy(error));
      if (!output.destroyed) give(null, current);
    });
  }
  zip.end();
  return output;
}

async function* lines(file: PersonalFile): AsyncGenerator<Buffer, void, undefined> {
  for await (const row of file.rows()) yield Buffer.from(`${JSON.stringify(row)}\n`);
}
