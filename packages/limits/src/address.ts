import { isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Says what an address is counted as: IPv4 as it is, IPv6 as its /64, since one household has all of it.
 *
 * @param address - IPv4 or IPv6, also IPv4 in IPv6 and with a zone. An empty one is `unknown`; what is no
 *   address stays as it is.
 */
export function limitedAddress(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address === '' ? 'unknown' : address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  // An IPv4 tail stands for two groups, none of which is among the first four.
  const written = front.length + back.length + (address.includes('.') ? 1 : 0);
  const zeros = Array.from({ length: Math.max(0, 8 - written) }, () => '0');
  const groups = tail === undefined ? front : [...front, ...zeros, ...back];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

/**
 * Says all networks that an address counts for: what {@link limitedAddress} says, and for IPv6 also the /48,
 * which one customer may have all of.
 */
export function limitedNetworks(address: string): readonly [string, string?] {
  const own = limitedAddress(address);
  if (!own.endsWith('::/64')) return [own];
  return [own, `${own.split(':').slice(0, 3).join(':')}::/48`];
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
