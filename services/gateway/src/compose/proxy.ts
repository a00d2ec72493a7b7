/** The way of requests to services that are not ours. */
import { firstValue, readTarget, type Target } from '@gatehouse/wire';
import type { Incoming, Outgoing } from '../receive/seam.ts';
import type { ProxyParts } from './parts.ts';
import { Passage } from './passage.ts';

/** @returns whether the request is for a foreign route, and so is being answered. Never throws. */
export type HttpProxy = (incoming: Incoming, outgoing: Outgoing) => boolean;

/**
 * Makes the proxy. A path that a contract has is never a foreign route's, and a target that could be
 * read twice is nobody's: what is not taken here, the contracts' way refuses with a code of its own.
 */
export function createProxy(parts: ProxyParts): HttpProxy {
  return (incoming, outgoing) => {
    const config = parts.config();
    if (config === undefined) return false;
    const target = targetOf(incoming);
    if (target === undefined || parts.isOurs(target.segments)) return false;
    const host = firstValue(incoming.rawHeaders, 'host');
    const path = config.set.match(host, target.segments);
    if (path === undefined || incoming.peerAddress === '') return false;
    new Passage(parts, { config, path, target }, [incoming, outgoing]).start();
    return true;
  };
}

/** Undefined: the contracts' way refuses it. */
function targetOf({ target }: Incoming): Target | undefined {
  try {
    return readTarget(target);
  } catch {
    return undefined;
  }
}
