/** Writes docs/reference from the tables of the protocol. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildReference } from '../packages/server/src/platform/http/reference.ts';
import { referenceFiles } from '../packages/server/src/platform/http/reference-markdown.ts';

const folder = join(import.meta.dirname, '../docs/reference');
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(referenceFiles(buildReference()))) {
  await writeFile(join(folder, name), text);
  console.log(`docs/reference/${name}`);
}
