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
const INVISIBLE = /\p{Cf}/gu;
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
 * Everything in a text that leads somewhere, as a reader would click on it or type it in. One link may be named twice. Takes
 * time in proportion to the length of the text.
 */
export function findLinks(text: string): Link[] {
  // Most texts, in a tenth of the time.
  if (/^[\n -~]*$/.test(text) && !/\.[\w-]|[:\\([{]/.test(text)) return [];
  if (!/[.:。．]|dot/iu.test(text)) return [];
  const plain = text.normalize('NFKC').replace(INVISIBLE, '').replace(HIDDEN_DOT, '.').replaceAll('。', '.');
  return [...readings(plain).flatMap(webLinks), ...plain.split(BETWEEN).flatMap(linksOf)];
}

// Markdown takes a backslash before punctuation away, and whoever reads a URL the tabs in it (WHATWG URL §4.4).
function readings(text: string): string[] {
  const unescaped = text.includes('\\') ? [text.replace(ESCAPED, '$1')] : [];
  return [text, ...unescaped].flatMap((read) => (read.includes('\t') ? [read, read.replaceAll('\t', '')] : [read]));
}
const ESCAPED = /\\([!-/:-@[-`{-~])/g;

// One slash leads where two do, and so does none.
const WEB = /https?:[/\\]*/gi;

function webLinks(text: string): Link[] {
  const links: Link[] = [];
  // The end of what names the host, and the last @ before it. Many may begin before the same end.
  let [end, at] = [-1, -1];
  for (const { 0: scheme, index } of text.matchAll(WEB)) {
    const from = index + scheme.length;
    if (from > end) {
      END.lastIndex = from;
      end = END.exec(text)?.index ?? text.length;
      at = from + text.slice(from, end).lastIndexOf('@');
    }
    if (end === from) continue;
    const start = at >= from ? at + 1 : from;
    const [name = ''] = text.slice(start, Math.min(end, start + LONGEST_HOST)).split(BETWEEN, 1);
    const [path = ''] = text.slice(end, end + LONGEST_PATH).split(/[\s<>]/, 1);
    // Without a host that can be read it leads somewhere all the same, for all that is known here.
    links.push({ host: hostOf(name.replace(/:\d*$/, '')), path: path.replaceAll('\\', '/') || '/' });
  }
  return links;
}
const END = /[/?#\\\s<>]/g;
/** Characters that are looked at: names of hosts are shorter, and of a path it is asked how it begins. */
const LONGEST_HOST = 300;
const LONGEST_PATH = 64;

/** As a browser reads it; empty where it cannot be one. */
function hostOf(name: string): string {
  const bare = trimmed(name);
  const url = `http://${bare}`;
  return bare !== '' && URL.canParse(url) ? trimmed(new URL(url).hostname) : '';
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
    const isLink = labels[0]?.toLowerCase() === 'www' || TOP_LEVEL.has(last.toLowerCase()) || end > 0;
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
