/** Made-up messages with the frequencies of real language: few words are common, most are rare. */
import { pick, type Random } from './world.ts';

/** In nearly a third of the messages of Latin script. */
export const COMMON = 'the';
/** In one message of fifty thousand. */
export const RARE = 'zyzzyva';
/** In one of a hundred Chinese messages. */
export const HAN_WORD = '北京';

const SYLLABLES =
  'ba be bo da de do fa fe fi ga go ha he ka ke ki la le li lo ma me mi na ne no pa pe ra re ri sa se so ta te ti va ve vo'.split(
    ' ',
  );
const VOCABULARY = 30_000;
const HAN = 3000;

/** Word number `rank`, which is said about 1/rank as often as the first. */
export function word(rank: number): string {
  let text = '';
  for (let rest = rank + 40; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    text += SYLLABLES[rest % SYLLABLES.length] ?? '';
  }
  return text;
}

export function sentence(script: 'latin' | 'han', random: Random): string {
  const length = 2 + Math.floor(14 * random() ** 2 * 2);
  if (script === 'han') {
    const chars = Array.from({ length: length * 2 }, () => String.fromCharCode(0x4e00 + zipf(HAN, random)));
    if (random() < 0.01) chars.splice(Math.floor(random() * chars.length), 0, HAN_WORD);
    return `${chars.join('')}。`;
  }
  const words = Array.from({ length }, () => word(zipf(VOCABULARY, random)));
  if (random() < 0.3) words.splice(Math.floor(random() * words.length), 0, COMMON);
  if (random() < 1 / 50_000) words.push(RARE);
  if (random() < 0.02) words.push(`https://example.com/${pick(words, random)}`);
  return words.join(' ');
}

// Of ranks 0 to n-1, each about as often as 1/(rank+1).
function zipf(n: number, random: Random): number {
  return Math.floor(n ** random()) - 1;
}
