/** Links in texts, and where they lead. */
import { domainToASCII } from 'node:url';

export interface Link {
  /** In lower case, IDNs in Punycode. */
  host: string;
  /** What follows it, with the leading slash. */
  path: string;
}

const BETWEEN = /[\s<>()[\]{}"'`,;，。、]+/;
// What people write so that it is not taken for a link.
const HIDDEN_DOT = /\s?[([{]\s?(?:dot|\.)\s?[)\]}]\s?/gi;
const INVISIBLE = /[\p{Cf}\p{DI}]/gu;
/** Domains under these count without a scheme as well; others do when a path follows. */
const TOP_LEVEL = new Set(
  `com net org info biz io gg me app dev xyz top site online shop store club live link click pro vip ru cn de uk fr nl it
   es pl br in us eu tv cc to ly co ws su ua jp kr tk ml ga cf gq icu fun space tech info chat social`.split(/\s+/),
);
const LABEL = /^[\p{L}\p{N}\p{M}_-]{1,63}$/u;

/** Where invitations to other places lead: a host, or a host and how the path begins. */
const INVITES = [
  ['discord.gg', '/'],
  ['discord.com', '/invite/'],
  ['discordapp.com', '/invite/'],
  ['t.me', '/'],
  ['telegram.me', '/'],
  ['telegram.dog', '/'],
  ['chat.whatsapp.com', '/'],
  ['whatsapp.com', '/channel/'],
  ['wa.me', '/'],
  ['invite.viber.com', '/'],
  ['signal.group', '/'],
  ['signal.me', '/'],
  ['join.skype.com', '/'],
  ['line.me', '/'],
  ['matrix.to', '/'],
  ['join.slack.com', '/'],
  ['guilded.gg', '/'],
  ['groupme.com', '/join_group/'],
  ['m.me', '/'],
  ['kik.me', '/'],
] as const;

/**
 * Everything in a text that leads somewhere, as a reader would click on it or type it in: at least what the web client makes
 * a link. One link may be named twice, and by several hosts where it is not plain which one it has. Takes time in proportion
 * to the length of the text.
 */
export function findLinks(text: string): Link[] {
  // Most texts, in a tenth of the time.
  if (/^[\n -~]*$/.test(text) && !/\.[\w-]|[:\\([{]|www\./i.test(text)) return [];
  const visible = text.replace(PHRASE, ' ').normalize('NFKC').replace(INVISIBLE, '');
  if (!/[.:。]|dot/i.test(visible)) return [];
  const plain = visible.replace(HIDDEN_DOT, '.').replaceAll('。', '.');
  // As it was typed as well: of ™ two letters are made, behind which no link begins.
  const typed = [...new Set([text, plain])];
  return [
    ...typed.flatMap((read) => webLinks(read, !read.includes('\\'))),
    ...typed.flatMap(otherReadings).flatMap((read) => webLinks(read, false)),
    ...plain.split(BETWEEN).flatMap(linksOf),
  ];
}
// Of one character many, with spaces in them.
const PHRASE = /[\ufdfa\ufdfb]/g;

// Markdown takes a backslash before punctuation away, and whoever reads a URL the tabs in it (WHATWG URL §4.4).
function otherReadings(text: string): string[] {
  const unescaped = text.includes('\\') ? [text.replace(ESCAPED, '$1')] : [];
  const tabless = [text, ...unescaped].flatMap((read) => (read.includes('\t') ? [read.replaceAll('\t', '')] : []));
  return [...unescaped, ...tabless];
}
const ESCAPED = /\\([!-/:-@[-`{-~])/g;

// One slash leads where two do, and so does none; without a scheme it is the web as well.
const WEB = /https?:[/\\]*|(?<![\p{L}\p{N}])(?=www\.)/giu;

/** @param hasLabels whether a link that Markdown gives a label ends with its bracket */
function webLinks(text: string, hasLabels: boolean): Link[] {
  const links: Link[] = [];
  const names = new Names(text);
  // The end of what names the host, the last @ before it, and the first that no host has after that. Many may begin before
  // the same end.
  let [last, end, at, stop] = [-1, -1, -1, -1];
  for (const { 0: scheme, index } of text.matchAll(WEB)) {
    const from = index + scheme.length;
    if (from === last) continue;
    last = from;
    if (from > end) {
      const isBracketed = text[index - 1] === '<';
      end = nextOf(isBracketed ? END_IN_BRACKETS : END, text, from, text.length);
      if (hasLabels && isLabelled(text, index)) end = Math.min(end, closing(text, from, end));
      at = from + text.slice(from, end).lastIndexOf('@');
    }
    if (end === from) continue;
    const start = at >= from ? at + 1 : from;
    if (start > stop) stop = nextOf(NO_HOST, text, start, end);
    const hosts = hostsOf([...names.first(start, end).split(BETWEEN, 1), names.last(start, stop)]);
    // Emphasis may end before the @, and another link begin.
    const cut = names.first(from, end).split(CUT, 1);
    const named = [...new Set([...hosts, ...hostsOf(cut)])].filter((host) => host.includes('.'));
    const [path = ''] = text[end] === ')' ? [] : text.slice(end, end + LONGEST_PATH).split(/[\s<>]/, 1);
    // Behind a scheme it leads somewhere all the same without a host that can be read, for all that is known here.
    const known = named.length === 0 && scheme !== '' ? [hosts[0] ?? ''] : named;
    links.push(...known.map((host) => ({ host, path: path.replaceAll('\\', '/') || '/' })));
  }
  return links;
}
const END = /[/?#\\\s<]/g;
const END_IN_BRACKETS = /[/?#\\\n<>]/g;
const CUT = /[\s<>()[\]{}"'`,;，。、@]|https?:/i;
const NO_HOST = /[[\]^|]/g;
// A bracket within brackets, code or another line could keep it from being one.
const LABEL_BEFORE = /(?<=\[[^\][`\\<\n]*\]\()/y;
/** Characters that are looked at: names of hosts are shorter, and of a path it is asked how it begins. */
const LONGEST_HOST = 300;
const LONGEST_PATH = 64;

function nextOf(pattern: RegExp, text: string, from: number, end: number): number {
  pattern.lastIndex = from;
  return Math.min(end, pattern.exec(text)?.index ?? end);
}

function isLabelled(text: string, at: number): boolean {
  LABEL_BEFORE.lastIndex = at;
  return LABEL_BEFORE.test(text);
}

/** Where the bracket closes that was open before `from`, if none opens in between. */
function closing(text: string, from: number, end: number): number {
  const [name = ''] = text.slice(from, end).split(')', 1);
  return name.includes('(') ? end : from + name.length;
}

/**
 * Names of hosts by where they are in the text, read without what makes them longer and is no part of them: what nobody sees,
 * and dots and letters by their bytes.
 */
class Names {
  #read = '';
  /** Where each place of the text is in what is read; none where that is the same. */
  #places: Uint32Array | undefined;

  constructor(text: string) {
    let done = 0;
    const add = (written: string, read: string) => {
      this.#places ??= new Uint32Array(text.length + 1);
      for (let i = 0; i <= written.length; i += 1)
        this.#places[done + i] = this.#read.length + Math.min(i, read.length);
      this.#read += read;
      done += written.length;
    };
    for (const { 0: padding, index } of text.matchAll(PADDING)) {
      const written = text.slice(done, index);
      add(written, written);
      add(padding, unpadded(padding));
    }
    const rest = text.slice(done);
    if (done === 0) this.#read = text;
    else add(rest, rest);
  }

  first(start: number, end: number): string {
    const from = this.#at(start);
    return this.#read.slice(from, Math.min(this.#at(end), from + LONGEST_HOST));
  }

  /** The last labels. */
  last(start: number, end: number): string {
    const [from, to] = [this.#at(start), this.#at(end)];
    const name = this.#read.slice(Math.max(from, to - LONGEST_HOST), to);
    return to - from <= LONGEST_HOST ? name : name.slice(name.indexOf('.') + 1);
  }

  #at(place: number): number {
    return this.#places?.[place] ?? place;
  }
}
// Joiners are a part of names.
const PADDING = /[\p{DI}--[\u200c\u200d]]+|(?:%[89a-f][\da-f])+|%2e/giv;

function unpadded(padding: string): string {
  if (!padding.startsWith('%')) return '';
  try {
    return decodeURIComponent(padding).replace(/[^\p{L}\p{M}\p{N}.]|\p{DI}/gu, (char) => {
      if (/[。．｡]/.test(char)) return '.';
      return /[\p{DI}--[\u200c\u200d]]/v.test(char) ? '' : encodeURIComponent(char);
    });
  } catch {
    // Bytes of no character: a browser reads no host there.
    return padding;
  }
}

/** Each once; without those that cannot be read. */
function hostsOf(names: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of names.map((named) => named.replace(/:\d*$/, ''))) {
    const [bare, whole] = [hostOf(trimmed(name)), hostOf(name)];
    found.add(bare.includes('.') ? bare : whole || bare);
  }
  found.delete('');
  return [...found];
}

/** As a browser reads it; empty where it cannot be one. */
function hostOf(name: string): string {
  return name === '' ? '' : (URL.parse(`http://${name}`)?.hostname.replace(/\.$/, '') ?? '');
}

// What stands behind a link in a sentence.
function trimmed(name: string): string {
  let end = name.length;
  while (end > 0 && !/[\p{L}\p{N}]/u.test(name.charAt(end - 1)) && !isLowSurrogate(name, end - 1)) end -= 1;
  return name.slice(0, end);
}

function isLowSurrogate(name: string, at: number): boolean {
  const code = name.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}

// Several may be written without a space between them.
function linksOf(word: string): Link[] {
  const [first = '', ...afterScheme] = word.split('://');
  if (afterScheme.length > 0) return afterScheme.flatMap((rest) => linkOf(rest, true) ?? []);
  return first.includes('.') ? (linkOf(first.replace(/^[^\p{L}\p{N}]{1,8}/u, ''), false) ?? []) : [];
}

function linkOf(rest: string, hasScheme: boolean): Link[] | undefined {
  const end = rest.search(/[/?#\\]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  // `scheme://known.example@other.example` leads to the other one; without a scheme it is an address.
  if (!hasScheme && authority.includes('@')) return undefined;
  const name = trimmed(authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d{1,5}$/, ''));
  if (name.length > 253) return undefined;
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label))) return undefined;
  if (!hasScheme) {
    const last = labels.at(-1) ?? '';
    const isLink = TOP_LEVEL.has(last.toLowerCase()) || end > 0;
    if (labels.length < 2 || !isLink || /^\d+$/.test(last)) return undefined;
  }
  const host = domainToASCII(name);
  if (host === '') return undefined;
  return [{ host, path: end < 0 ? '/' : rest.slice(end).replaceAll('\\', '/') }];
}

/** Whether the host is one of them, or a subdomain of one. */
export function isUnder(host: string, hosts: ReadonlySet<string>): boolean {
  for (let rest = host; ;) {
    if (hosts.has(rest)) return true;
    const dot = rest.indexOf('.');
    if (dot < 0) return false;
    rest = rest.slice(dot + 1);
  }
}

/** Whether one of the links leads to none of these hosts. */
export function leadsElsewhere(links: readonly Link[], hosts: Iterable<string>): boolean {
  const named = new Set(hosts);
  return links.some(({ host }) => !isUnder(host, named));
}

/** Whether a link invites to this place or another: `/invite/<code>` on any host counts as one of this product. */
export function isInvite({ host, path }: Link): boolean {
  const bare = host.replace(/^www\./, '');
  return (
    /^\/invite\/[^/]/.test(path) ||
    INVITES.some(([at, begins]) => bare === at && path.startsWith(begins) && path.length > begins.length)
  );
}
