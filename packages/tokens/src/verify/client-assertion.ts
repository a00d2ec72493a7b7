import { MAX_ASSERTION_SECONDS, readClientAssertionClaims } from '../claims/client-assertion.ts';
import { type Clock, systemClock } from '../clock.ts';
import { TokenError } from '../errors.ts';
import { parseCompact, peekPayload } from '../jws/compact.ts';
import { HeaderReader, readLooseHeader } from '../jws/header.ts';
import { parseJsonObject } from '../jws/strict-json.ts';
import type { VerificationKey } from '../keys/types.ts';
import { assertForm, checkPayload, isSignedBy, issuedBy, type TokenKind } from './check.ts';
import { DEFAULT_LEEWAY_SECONDS } from './verifier.ts';

export { MAX_ASSERTION_SECONDS };

/** What {@link verifyClientAssertion} compares with. */
export interface AssertionOptions {
  readonly assertion: string;
  readonly clientId: string;
  /** The client's registered keys, each with its one algorithm. */
  readonly keys: readonly VerificationKey[];
  /** The authorization server: its issuer identifier, and its token endpoint where that is taken. */
  readonly audiences: readonly string[];
  readonly clock?: Clock;
}

export interface VerifiedAssertion {
  readonly jti: string;
  readonly expiresAtSeconds: number;
}

type Claims = ReturnType<typeof readClientAssertionClaims>;

// RFC 7523bis asks for the last one; what is there today sends the others.
const TYPS = ['', 'JWT', 'client-authentication+jwt'];

/**
 * Whose assertion it says to be, of which nothing was verified: to find the client's keys, for nothing
 * else.
 *
 * @throws TokenError `malformed`, `claim`.
 *
 * @example
 * ```ts
 * import { clientOfAssertion } from '@gatehouse/tokens';
 *
 * export const clientOf = (assertion: string) => clientOfAssertion(assertion);
 * ```
 */
export function clientOfAssertion(assertion: string): string {
  return readClientAssertionClaims(peekPayload(assertion)).sub;
}

/**
 * Verifies a client's assertion (RFC 7523, `private_key_jwt`): signed by one of its keys with that
 * key's algorithm, `iss` and `sub` the client, `aud` one of ours and nobody else's beside it, `exp` at
 * most five minutes ahead.
 *
 * An `aud` that is a list may hold one entry: an assertion that is for two servers can be used by one
 * of them at the other. The `kid` chooses nothing: each of the client's keys is tried, so that none
 * has to be named as we name it.
 *
 * Not checked: whether this assertion was used before. Remember client and `jti` until
 * `expiresAtSeconds`.
 *
 * @throws TokenError
 *
 * @example
 * ```ts
 * import { type AssertionOptions, verifyClientAssertion } from '@gatehouse/tokens';
 *
 * // Remember `jti` until then, and refuse it when it comes again.
 * export const usedUntil = (options: AssertionOptions) => {
 *   const { jti, expiresAtSeconds } = verifyClientAssertion(options);
 *   return [jti, expiresAtSeconds];
 * };
 * ```
 */
export function verifyClientAssertion(options: AssertionOptions): VerifiedAssertion {
  const { clientId, keys, audiences, clock = systemClock } = options;
  const token = parseCompact(options.assertion, new HeaderReader(readLooseHeader));
  const kind: TokenKind<Claims> = {
    readHeader: readLooseHeader,
    typs: TYPS,
    algs: ['RS256', 'ES256'],
    isAudience: (aud) => isOneOf(aud, audiences),
    issuerFor: issuedBy(clientId),
    read: readClientAssertionClaims,
  };
  assertForm(token.header, kind);
  const ofThisKind = keys.filter(({ alg }) => alg === token.header.alg);
  const key = ofThisKind.find((candidate) => isSignedBy(token, candidate));
  if (key === undefined) throw new TokenError(ofThisKind.length === 0 ? 'algorithm' : 'signature');
  const nowMs = clock.nowMs();
  const leewaySeconds = DEFAULT_LEEWAY_SECONDS;
  const limits = { nowMs, leewaySeconds, expiryLeewaySeconds: 0 };
  const { jti, exp } = checkPayload(kind, { payload: parseJsonObject(token.payload), key }, limits);
  const latest = nowMs / 1000 + MAX_ASSERTION_SECONDS + leewaySeconds;
  if (exp > latest) throw new TokenError('claim', 'exp');
  return Object.freeze({ jti, expiresAtSeconds: exp });
}

function isOneOf(aud: unknown, audiences: readonly string[]): boolean {
  const only: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  return typeof only === 'string' && audiences.includes(only);
}
