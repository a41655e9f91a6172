/** The archive of what is known of somebody. */
import { inflateRawSync } from 'node:zlib';
import { rest } from '@confab/protocol';
import type { Person } from './person.ts';

/** Asks for one’s own. */
export function download(person: Person, signal?: AbortSignal): Promise<Response> {
  return fetch(person.url + rest.exportData.path, {
    headers: { authorization: `Bearer ${person.signedIn.accessToken}` },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The JSON lines of each file in an archive whose sizes are told after the data (APPNOTE 4.3.9, 4.3.12). */
export async function unzip(archive: Response): Promise<Record<string, Record<string, unknown>[]>> {
  const zip = Buffer.from(await archive.arrayBuffer());
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  const files: Record<string, Record<string, unknown>[]> = {};
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const size = zip.readUInt32LE(at + 20);
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const header = zip.readUInt32LE(at + 42);
    const data = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const text = inflateRawSync(zip.subarray(data, data + size)).toString('utf8');
    files[zip.subarray(at + 46, at + 46 + name).toString('utf8')] = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    at += 46 + name + extra + comment;
  }
  return files;
}
