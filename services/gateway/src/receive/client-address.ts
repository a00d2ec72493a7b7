/** Whose request it is: the address that limits, passports and logs go by. */
import { BlockList, isIP } from 'node:net';
import { remembered, valuesOf } from '@gatehouse/wire';
import type { Incoming } from './seam.ts';

/** Says which addresses are ours, and so may say whom they speak for. */
export interface TrustedProxies {
  readonly isTrusted: (address: string) => boolean;
}

/** {@link plainAddress} of peers that came lately. */
const plainPeer = remembered(1000, plainAddress);

/**
 * Reads a list of proxies.
 *
 * @param entries - addresses or CIDR blocks: `10.0.0.0/8`, `::1`.
 * @throws Error naming the entry that is neither.
 */
export function trustedProxies(entries: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const entry of entries) addEntry(list, entry);
  if (entries.length === 0) return { isTrusted: () => false };
  return {
    isTrusted: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)),
  };
}

/**
 * The client's address: the TCP peer, unless that is a trusted proxy; then the rightmost hop of
 * `X-Forwarded-For` (of `Forwarded` where there is none) that is not trusted.
 *
 * A hop that is no IP address ends the search: the hop that reported it is the last one known.
 * When all hops are trusted, it is the first of them. No other forwarding header is looked at.
 */
export function clientAddress(options: {
  readonly peerAddress: string;
  readonly proxies: TrustedProxies;
  readonly xForwardedFor: string | undefined;
  readonly forwarded: string | undefined;
}): string {
  let address = plainAddress(options.peerAddress);
  const hops = hopsOf(options.xForwardedFor, options.forwarded);
  while (options.proxies.isTrusted(address)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) return address;
    address = hop;
  }
  return address;
}

/**
 * The client's address of a request as it was framed, whatever else is wrong with it.
 *
 * The headers are looked at only when the peer may speak for others.
 */
export function addressOf(
  { peerAddress, rawHeaders }: Pick<Incoming, 'peerAddress' | 'rawHeaders'>,
  proxies: TrustedProxies,
): string {
  const peer = plainPeer(peerAddress);
  if (!proxies.isTrusted(peer)) return peer;
  return clientAddress({
    peerAddress,
    proxies,
    xForwardedFor: joined(rawHeaders, 'x-forwarded-for'),
    forwarded: joined(rawHeaders, 'forwarded'),
  });
}

function addEntry(list: BlockList, entry: string): void {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  const prefix = bits === undefined ? undefined : Number(bits);
  const valid =
    family !== 0 &&
    rest.length === 0 &&
    (bits === undefined || /^[0-9]{1,3}$/.test(bits)) &&
    (prefix ?? 0) <= (family === 6 ? 128 : 32);
  if (!valid) throw new Error(`"${entry}" is no IP address and no CIDR block`);
  if (prefix === undefined) list.addAddress(address, familyOf(address));
  else list.addSubnet(address, prefix, familyOf(address));
}

function hopsOf(xForwardedFor: string | undefined, forwarded: string | undefined): string[] {
  if (xForwardedFor !== undefined) return xForwardedFor.split(',').map(plainAddress);
  if (forwarded === undefined) return [];
  // RFC 7239, section 4: elements by comma, parameters by semicolon.
  return forwarded.split(',').map((element) => {
    const match = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;\s"]*))/i.exec(element);
    return plainAddress(match?.[1] ?? match?.[2] ?? '');
  });
}

/** All values, nearest hop last, joined as HTTP joins lists. */
function joined(rawHeaders: readonly string[], name: string): string | undefined {
  const values = valuesOf(rawHeaders, name);
  return values.length === 0 ? undefined : values.join(',');
}

/** Without port, brackets, zone, and the IPv6 clothing of an IPv4 address. */
export function plainAddress(text: string): string {
  const trimmed = text.trim().replace(/%.*$/, '');
  const bracketed = /^\[([^\]]*)\](?::[0-9]+)?$/.exec(trimmed)?.[1];
  const address = bracketed ?? /^([0-9.]+):[0-9]+$/.exec(trimmed)?.[1] ?? trimmed;
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  return mapped !== undefined && isIP(mapped) === 4 ? mapped : address.toLowerCase();
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
