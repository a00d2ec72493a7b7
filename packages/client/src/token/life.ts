/** How long a token that was just fetched may be used, and when to fetch the next one. */
import type { GatehouseError } from '@gatehouse/errors';
import { clientErrors } from '../errors.ts';

/** What a fetch of a token brings. All times in milliseconds since the epoch. */
export interface FetchedToken {
  readonly token: string;
  /** What the response calls `expires_in`, in milliseconds. */
  readonly lifeMs?: number;
  /** Default: the token's own `exp`, where it is a JWT. */
  readonly expiresAtMs?: number;
  /** Default: the token's own `iat`, where it is a JWT. */
  readonly issuedAtMs?: number;
  /** The auth server's clock when it responded: the `Date` header, whole seconds. */
  readonly serverTimeMs?: number;
}

/** A token that may be used. Times by this machine's clock. */
export interface UsableToken {
  readonly token: string;
  readonly expiresAtMs: number;
  /** When the next one is to be fetched. */
  readonly renewAtMs: number;
}

/** When a fetch was made, by this machine's clock. */
export interface FetchTimes {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  /** How far the clocks may be apart. */
  readonly toleranceMs: number;
  /** 0 to 1: spreads the renewals of many processes. */
  readonly chance: number;
}

const LEAST_LEAD_MS = 60_000;
const LEAD_SHARE = 1 / 5;
/** The lead is up to so much longer by chance. */
const JITTER = 0.1;

/**
 * Counts the life from when the request was sent, so that it ends here before it ends there.
 *
 * The life is what the response says (`expires_in`), or `exp` less `iat`, whichever is shorter. It is renewed
 * when a fifth of it or 60 s is left, whichever is longer, up to a tenth of that earlier by chance; a
 * token that lives for less than two minutes at half its life.
 *
 * Not checked: the signature, and all else that a receiver checks.
 *
 * @throws GatehouseError `client.token_malformed` when no life is to be found; `client.clock_off`
 *   when the clocks are too far apart, with the difference in its cause.
 */
export function usableToken(fetched: FetchedToken, times: FetchTimes): UsableToken {
  const { iatMs, expMs } = stamps(fetched);
  const offMs = differenceMs({ ...fetched, iatMs, expMs }, times);
  if (Math.abs(offMs) > times.toleranceMs) throw clockOff(offMs);
  const lives = [fetched.lifeMs, lifeBetween(iatMs ?? fetched.serverTimeMs, expMs)];
  const known = lives.filter((life) => life !== undefined);
  const lifeMs = known.length === 0 ? absoluteLife(expMs, times) : Math.min(...known);
  if (!(lifeMs > 0)) throw malformed('it says of no time for how long it is good');
  const leadMs = Math.min(Math.max(lifeMs * LEAD_SHARE, LEAST_LEAD_MS), lifeMs / 2);
  const expiresAtMs = times.sentAtMs + lifeMs;
  const renewAtMs = expiresAtMs - leadMs * (1 + JITTER * times.chance);
  return { token: fetched.token, expiresAtMs, renewAtMs };
}

interface Stamps {
  readonly iatMs: number | undefined;
  readonly expMs: number | undefined;
}

function stamps({ token, issuedAtMs, expiresAtMs }: FetchedToken): Stamps {
  // A token goes into a header as it is.
  if (!/^[\x21-\x7e]{1,8192}$/.test(token)) throw malformed('it is no text of one word');
  const claims = claimsOf(token);
  const inMs = (seconds: unknown) => (typeof seconds === 'number' ? seconds * 1_000 : undefined);
  return { iatMs: issuedAtMs ?? inMs(claims.iat), expMs: expiresAtMs ?? inMs(claims.exp) };
}

/** The claims of a JWT, unverified: only times are read, and only to know when to ask again. */
function claimsOf(token: string): { readonly iat?: unknown; readonly exp?: unknown } {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'),
    );
    return Object(claims);
  } catch {
    // Opaque: the response must say how long it lives.
    return {};
  }
}

/**
 * How far the auth server's clock is ahead of ours: positive, or behind: negative.
 *
 * A token may have been issued some time before it was handed over, so an old `iat` alone says nothing; one
 * to come does, and so does a token that had ended when it arrived.
 */
function differenceMs(
  { serverTimeMs, lifeMs, iatMs, expMs }: FetchedToken & Stamps,
  { sentAtMs, receivedAtMs }: FetchTimes,
): number {
  const wholeMs = lifeBetween(iatMs, expMs) ?? Number.POSITIVE_INFINITY;
  // An `expires_in` beyond the token's own life says nothing of a clock.
  const isRest = lifeMs !== undefined && expMs !== undefined && lifeMs <= wholeMs;
  const theirs = [serverTimeMs, isRest ? expMs - lifeMs : undefined].filter(
    (time) => time !== undefined,
  );
  if (iatMs !== undefined && iatMs > receivedAtMs) theirs.push(iatMs);
  if (iatMs !== undefined && expMs !== undefined && expMs <= sentAtMs) theirs.push(iatMs);
  const differences = theirs.map((time) => outside(time, sentAtMs, receivedAtMs));
  return differences.reduce((far, next) => (Math.abs(next) > Math.abs(far) ? next : far), 0);
}

/** How far a time lies outside of a span; 0 within. */
function outside(timeMs: number, fromMs: number, toMs: number): number {
  if (timeMs > toMs) return timeMs - toMs;
  return timeMs < fromMs ? timeMs - fromMs : 0;
}

function lifeBetween(fromMs: number | undefined, toMs: number | undefined): number | undefined {
  return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs;
}

function absoluteLife(expMs: number | undefined, { sentAtMs }: FetchTimes): number {
  return expMs === undefined ? 0 : expMs - sentAtMs;
}

function clockOff(offMs: number): GatehouseError {
  const seconds = Math.round(Math.abs(offMs) / 1_000);
  const way = offMs > 0 ? 'ahead of' : 'behind';
  const cause = new Error(`the clock of the auth server is ${seconds} s ${way} this machine's`);
  return clientErrors.CLOCK_OFF({ cause });
}

function malformed(why: string): GatehouseError {
  return clientErrors.TOKEN_MALFORMED({ cause: new Error(`the token is not usable: ${why}`) });
}
