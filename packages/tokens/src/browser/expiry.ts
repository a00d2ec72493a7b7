/**
 * When a token ends, by a clock that may be wrong. A person's machine is often minutes off, and
 * `exp` is in the issuer's time; so the difference is measured when a token is fetched.
 */
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { TokenError } from '../errors.ts';
import { own } from '../jws/json.ts';
import type { UnverifiedToken } from './decode.ts';

/** When a token was made and when it ends, in the issuer's time, in milliseconds since 1970. */
export interface Lifetime {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * `iat` and `exp` of a token.
 *
 * @throws TokenError `claim` when one is missing, is no number, or `exp` is not the later one.
 */
export function lifetimeOf(token: UnverifiedToken): Lifetime {
  const issuedAtMs = time(token, 'iat');
  const expiresAtMs = time(token, 'exp');
  if (expiresAtMs <= issuedAtMs) throw new TokenError('claim', 'exp');
  return { issuedAtMs, expiresAtMs };
}

/**
 * How far the issuer's clock is ahead of ours, in milliseconds; negative when it is behind.
 *
 * @param token - one that was made for the request that brought it; an older one would say that the
 *   issuer is behind.
 * @param requestedAtMs - our time just before that request: so an error makes tokens end early.
 */
export function issuerAheadMs(token: UnverifiedToken, requestedAtMs: number): number {
  return lifetimeOf(token).issuedAtMs - requestedAtMs;
}

/**
 * How long a token is still good, in milliseconds; 0 or less when it has ended.
 *
 * Not checked: the signature. A server may refuse the token before, when it was revoked.
 *
 * @param options.issuerAheadMs - from {@link issuerAheadMs}; default 0: the clocks agree.
 * @throws TokenError `claim`, see {@link lifetimeOf}.
 */
export function timeLeftMs(
  token: UnverifiedToken,
  options: { readonly clock?: Clock; readonly issuerAheadMs?: number } = {},
): number {
  const { clock = systemClock, issuerAheadMs: aheadMs = 0 } = options;
  return lifetimeOf(token).expiresAtMs - (clock.nowMs() + aheadMs);
}

function time({ claims }: UnverifiedToken, name: string): number {
  const value = own(claims, name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) {
    throw new TokenError('claim', name);
  }
  return value * 1000;
}
