/** The built-in word lists, by language. */
import naughtyWords from 'naughty-words';
import { WordSet } from './words.ts';

/** By BCP 47 tag. Those of one dialect or of no living language are left out. */
const LANGUAGES = [
  'ar',
  'cs',
  'da',
  'de',
  'en',
  'eo',
  'es',
  'fa',
  'fi',
  'fil',
  'fr',
  'hi',
  'hu',
  'it',
  'ja',
  'kab',
  'ko',
  'nl',
  'no',
  'pl',
  'pt',
  'ru',
  'sv',
  'th',
  'tr',
  'zh',
] as const;
type Language = (typeof LANGUAGES)[number];

/** Single letters, once the sign between them is taken for a separator. */
const UNUSABLE = new Set(['s&m']);

const sets = new Map<string, WordSet>();
const names = new Intl.DisplayNames(['en'], { type: 'language' });

export interface WordListInfo {
  id: string;
  /** The language, in English. */
  name: string;
  words: number;
}

export const WORD_LISTS: readonly WordListInfo[] = LANGUAGES.map((id) => ({
  id,
  name: names.of(id) ?? id,
  words: wordsOf(id).length,
}));

/** Made when it is asked for first; undefined: there is no such list. */
export function wordList(id: string): WordSet | undefined {
  const known = sets.get(id);
  if (known !== undefined || !isLanguage(id)) return known;
  const set = new WordSet(wordsOf(id));
  sets.set(id, set);
  return set;
}

function isLanguage(id: string): id is Language {
  return LANGUAGES.some((language) => language === id);
}

function wordsOf(id: Language): readonly string[] {
  return (naughtyWords[id] ?? []).filter((word) => !UNUSABLE.has(word));
}

/** Harmless words that have another one in them, for rules that look within words, such as `*ass*`. */
export const SPARED = new WordSet(
  `accumul* ambassad* amass* analo* analys* analyt* analyz* arsen* assam assassin* assault* assay* assembl* assent*
   assert* assess* asset* assid* assign* assim* assist* associat* assort* assum* assur* bass basses bassist* bassoon*
   bypass* brass* button* butter* canvass* carcass* chassis circum* class* clitheroe coarse* cockatoo* cocker* cockerel*
   cockney* cockpit* cockroach* cocktail* compass* competit* constitut* crass cucumber* cumbria* cumin cumul* dickens*
   dickinson document* drape* embarrass* embass* essex evacuat* fukuda
   fukui fukuoka* fukushima* gamecock* glass* grape* grass* hancock* harass* hello*
   hitchcock* hoarse* identit* institut* lass lassie lasso* magna mass massachusetts massacre* massage* masse* massif
   massive* matsushita middlesex molass* morass* niggard* niggl* outclass* overpass* parse* pass passable passag* passat
   passe* passing passion* passive* passkey* passover passport* passw* peacock* penistone petition* rehears* reass*
   sass* saturat* sass scrap* scum* scunthorpe sextant* sextet* sexton* shell* shiitake* shitake* skyscraper* snigger*
   sparse* sperman* sussex surpass* tass* therap* tit titan* tithe* title* titr* titular* trespass* underclass* unisex
   uranus wasser* wessex woodcock*`.split(/\s+/),
);
