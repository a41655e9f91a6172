/** Who called: the one rule for what a proxy says, and what counts as one address. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';

/** Whose `X-Forwarded-*` headers are believed: all, none, that many proxies, or these addresses and networks. */
export type TrustProxy = boolean | number | readonly string[];
/** Whether what this address said of the one before it is believed; hop 0 is who connected. */
export type Trusts = (address: string, hop: number) => boolean;

export function trustedProxies(trust: TrustProxy): Trusts {
  if (typeof trust === 'boolean') return () => trust;
  if (typeof trust === 'number') return (_address, hop) => hop < trust;
  const networks = new BlockList();
  for (const network of trust) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) networks.addAddress(address, family);
    else networks.addSubnet(address, Number(prefix), family);
  }
  return (address) => isIP(address) !== 0 && networks.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/**
 * The client's address: the nearest one, counted from the server outwards, that is no trusted proxy. Not checked to be an
 * address: where everybody is trusted, it is what the client wrote.
 */
export function clientAddress({ headers, socket }: IncomingMessage, trusts: Trusts): string {
  // Node joins repeated headers of this name by commas.
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const chain = [socket.remoteAddress ?? '', ...forwarded.toReversed()];
  return chain.find((address, hop) => hop === chain.length - 1 || !trusts(address, hop)) ?? '';
}

/**
 * What limits count as one address: an IPv4 address, also where it is mapped into IPv6; of IPv6 the /64, which is what one
 * customer is given at least; and everything that is no address together. A port, as some proxies add it, is left out.
 */
export function addressKey(ip: string): string {
  const address = plainAddress(ip);
  if (address === undefined) return 'unknown';
  if (isIPv4(address)) return address;
  return `${groupsOf(address)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** An address without port and zone, as IPv4 where it is mapped into IPv6; undefined for what is none. */
export function plainAddress(ip: string): string | undefined {
  const [, bracketed, plain] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(ip) ?? [];
  const address = (bracketed ?? plain ?? ip).replace(/%.*$/s, '');
  if (isIP(address) === 0) return undefined;
  return isIPv4(address) ? address : (mappedIn(address) ?? address);
}

/**
 * A network in CIDR notation, or one address, as IPv4 where it is mapped into IPv6; undefined for one that is mapped and
 * wider than /8.
 */
export function plainRange(range: string): string | undefined {
  const [address = '', prefix] = range.split('/');
  const mapped = isIPv4(address) ? undefined : mappedIn(address);
  if (mapped === undefined) return range;
  if (prefix === undefined) return mapped;
  return Number(prefix) < 96 + 8 ? undefined : `${mapped}/${Number(prefix) - 96}`;
}

// The IPv4 address that an IPv6 address holds (RFC 4291 §2.5.5.2).
function mappedIn(address: string): string | undefined {
  const groups = groupsOf(address);
  const [, , , , , mapped, high = 0, low = 0] = groups;
  if (mapped !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) return undefined;
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  // URL writes a dotted end as two groups (WHATWG URL, IPv6 serializer).
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [front, back] = [parse(head), parse(tail ?? '')];
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
}
