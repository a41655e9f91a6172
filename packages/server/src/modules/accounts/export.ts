/** Everything kept about a person, as an archive made while it is read. */
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { PersonalFile } from '../../platform/personal-data.ts';

/**
 * A ZIP archive of the files, in their order. Rows are read as fast as the archive is, and no faster: memory does not grow
 * with what there is. When the reader goes away, reading ends with the page under way; when reading fails, the archive
 * ends with the error.
 * @param at epoch ms: when it is made
 */
export function archive(files: readonly PersonalFile[], at: number): Readable {
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
