/** Whether a request on a foreign route may pass, and the passport that it passes with. */
import type { Verb } from '@gatehouse/wire';
import { authorise } from '../decide/authorise.ts';
import { edgeErrors } from '../errors.ts';
import type { Identity } from '../identify/identify.ts';
import type { HttpRoute } from '../route/http-route.ts';
import type { KnownCallers } from './known-callers.ts';
import { type MintParts, mintFresh } from './mint.ts';

/** What admission stands on. */
export interface AdmitParts {
  readonly minting: Omit<MintParts, 'shared'>;
  readonly callers: KnownCallers;
  readonly newsStale: () => boolean;
}

/** A request whose caller is known. */
export interface Asking {
  readonly route: HttpRoute;
  readonly verb: Verb;
  readonly address: string;
  readonly identity: Identity;
  /** Told what was decided. */
  readonly note: (decision: string) => void;
}

/**
 * Asks the route's rule and makes the passport.
 *
 * GET and HEAD of one token share a passport for ten seconds, per route, client address and signing
 * key; every other request, and each that is anonymous, has its own. Its `tctx.method` is
 * `http:<route>`. Who may not is told so before a key is asked for.
 *
 * @throws GatehouseError `access.*`, `gateway.not_ready`; Refused 401 and 403.
 */
export function admit(parts: AdmitParts, asking: Asking): string {
  const { route, identity, address, verb } = asking;
  const signer = parts.minting.key.signer();
  const { claims } = identity;
  const shareable = claims !== undefined && (verb === 'GET' || verb === 'HEAD');
  const asked =
    shareable && signer !== undefined ? { claims, route, address, kid: signer.kid } : undefined;
  const known = asked === undefined ? undefined : parts.callers.passport(asked);
  // What a rule says of one token changes with the news alone, and that only for `fresh` ones.
  if (known !== undefined && !route.rule.fresh) {
    asking.note('allow');
    return known;
  }
  const method = { id: `http:${route.name}`, rule: route.rule };
  const { identity: caller, trustDomain } = parts.minting;
  const deciding = {
    identity: caller,
    trustDomain,
    newsStale: parts.newsStale(),
    note: asking.note,
  };
  const subject = authorise(deciding, method, identity);
  if (known !== undefined) return known;
  if (signer === undefined) throw edgeErrors.NOT_READY();
  const request = { verb, address };
  const passport = mintFresh(parts.minting, signer, { request, method, identity, subject });
  if (asked !== undefined) parts.callers.admit(asked, passport);
  return passport;
}
