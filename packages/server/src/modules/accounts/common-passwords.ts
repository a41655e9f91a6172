/** Passwords that are guessed first: the most common ones, and those that repeat what everybody knows of their owner. */
import { readFileSync } from 'node:fs';

/**
 * One a line, in lower case, each of 8 characters or more. As one text they take 170 KB; searching it takes some 0.1 ms.
 * Read at first use.
 */
const LIST = new URL('common-passwords.txt', import.meta.url);
let list: string | undefined;

/** Whether it is on the list of the most common passwords, in any case. */
export function isCommon(password: string): boolean {
  list ??= `\n${readFileSync(LIST, 'utf8')}`;
  return list.includes(`\n${password.toLowerCase()}\n`);
}

const PRODUCT = 'confab';

/** Whether it is, but for case, punctuation and digits around it, one of these names, the name of the product, or either twice. */
export function saysWho(password: string, names: readonly (string | null)[]): boolean {
  const plain = bare(password);
  const core = plain.replaceAll(/^\p{N}+|\p{N}+$/gu, '');
  const known = names.flatMap((name) => (name === null ? [] : [name, name.replace(/@.*$/, '')]));
  return [PRODUCT, ...known.map(bare)].some((name) =>
    name.length > 0 ? [name, name + name].some((said) => said === plain || said === core) : false,
  );
}

function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');
}
