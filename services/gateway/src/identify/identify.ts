/** Who asks: the access token of a request, verified here, without a network call. */
import type { AccessFeed } from '@gatehouse/access';
import { toGatehouseError } from '@gatehouse/errors';
import { KeysUnavailableError, TokenError, type Verifier } from '@gatehouse/tokens';
import { edgeErrors, Refused } from '../errors.ts';
import type { Route } from '../route/route.ts';
import { bearerToken, invalidToken } from './bearer.ts';
import type { EdgeClaims } from './edge-claims.ts';
import type { FailureLimit } from './failure-limit.ts';
import { createTurns } from './turns.ts';

/** Tokens that were not seen before: one in each turn of the loop, after all that are known. */
const unknownTurn = createTurns(1);
/** Those of addresses that failed lately: so few that all of them together take a tenth of the time at most. */
const suspectTurn = createTurns(4, 5);

/** Refusals of addresses over their limit: many fall due at once, and known tokens come between them. */
const refusalTurn = createTurns(1);

/** Who asks. Both members, or neither: then the request is anonymous. */
export interface Identity {
  readonly token?: string;
  readonly claims?: EdgeClaims;
}

/** What identification stands on. */
export interface IdentifyParts {
  readonly verifier: Verifier<EdgeClaims>;
  readonly failures: FailureLimit;
  readonly feed: Pick<AccessFeed, 'ready' | 'ageMs'>;
}

/** What has to be known of a request to say whose it is. */
export interface Bearing {
  readonly authorization: string | undefined;
  /** The client's own. */
  readonly address: string;
  /** Of the connection: the client's own, or a proxy's. */
  readonly peerAddress: string;
}

/** The longest life of an access token: a feed older than that could hide any revocation. */
const MAX_FEED_AGE_MS = 15 * 60_000;

/** Whether what is known of revocations is nothing, or so old that it vouches for no token. */
export function isBlind(feed: IdentifyParts['feed']): boolean {
  return !feed.ready || feed.ageMs() > MAX_FEED_AGE_MS;
}

/** It may be written in any case. */
const USUAL_SCHEME = 'Bearer ';
/** Nobody: it came without a token, or its route does not look at one. */
export const ANONYMOUS: Identity = Object.freeze({});

/**
 * Identifies the caller.
 *
 * A route that ignores the bearer is always anonymous. A token that is not good is 401, never
 * anonymous. While keys or revocations cannot be known, a token is neither good nor bad: 503.
 *
 * @throws Refused 401, and 429 `gateway.too_many_failures`, which ends the connection where it speaks for
 * one address; GatehouseError `gateway.not_ready` (503), `gateway.too_many_failures`.
 */
export async function identify(
  parts: IdentifyParts,
  request: Bearing,
  route: Pick<Route, 'rule'>,
): Promise<Identity> {
  const known = identifyKnown(parts, request, route);
  if (!isUnverified(known)) return known;
  const token = known.unverified;
  await (parts.failures.isClean(request.address) ? unknownTurn() : suspectTurn());
  await mayFail(parts, request);
  return { token, claims: await verify(parts, token, request.address) };
}

/** A token that was not seen before, and is neither good nor bad yet: no identity. */
export interface Unverified {
  readonly unverified: string;
}

export function isUnverified(known: Identity | Unverified): known is Unverified {
  return 'unverified' in known;
}

/**
 * Identifies the caller as far as that needs no wait.
 *
 * @throws as {@link identify}.
 */
export function identifyKnown(
  parts: IdentifyParts,
  request: Pick<Bearing, 'authorization'>,
  route: Pick<Route, 'rule'>,
): Identity | Unverified {
  const { authorization } = request;
  if (route.rule.ignoreBearer || authorization === undefined) return ANONYMOUS;
  const isBlindNow = isBlind(parts.feed);
  // What is in the cache was read by `bearerToken` once: to find it there says that it is a token.
  const usual = authorization.startsWith(USUAL_SCHEME)
    ? authorization.slice(USUAL_SCHEME.length)
    : '';
  const known = isBlindNow ? undefined : parts.verifier.verifyCached(usual);
  if (known !== undefined) return { token: usual, claims: known };
  const token = bearerToken(authorization);
  if (isBlindNow) throw edgeErrors.NOT_READY();
  const claims = token === usual ? undefined : parts.verifier.verifyCached(token);
  return claims === undefined ? { unverified: token } : { token, claims };
}

async function mayFail({ failures }: IdentifyParts, request: Bearing): Promise<void> {
  const { address, peerAddress } = request;
  try {
    failures.check(address);
  } catch (refusal) {
    const mayClose = await failures.turn(address, peerAddress);
    await refusalTurn();
    // What it has sent behind this request would be refused as well, one by one and for minutes.
    throw mayClose ? new Refused(toGatehouseError(refusal), { connection: 'close' }) : refusal;
  }
}

async function verify(parts: IdentifyParts, token: string, address: string): Promise<EdgeClaims> {
  try {
    return await parts.verifier.verify(token);
  } catch (fault) {
    if (fault instanceof KeysUnavailableError) {
      throw edgeErrors.NOT_READY({ cause: fault, retryAfterSeconds: fault.retryAfterSeconds });
    }
    if (!(fault instanceof TokenError)) throw fault;
    parts.failures.count(address);
    throw invalidToken(fault);
  }
}
