import { isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * What an address is counted as: IPv4 as it is, IPv6 as its /64, since one household has all of it.
 *
 * @param address - as the gateway saw it; empty or unreadable ones are counted together.
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

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
