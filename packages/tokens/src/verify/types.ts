import type { Clock } from '../clock.ts';
import type { KeySource } from '../keys/types.ts';

/** What a verifier asks about revocation, at each use of a token, cached or not. */
export interface RevocationView {
  isRevoked(claims: {
    readonly sub: string;
    readonly jti?: string;
    readonly sid?: string;
    readonly sv?: number;
  }): boolean;
}

/** Verifies tokens of one kind. */
export interface Verifier<C> {
  /**
   * @returns the claims, frozen; members that the kind does not list are left out.
   * @throws TokenError when the token is bad: unauthenticated.
   * @throws KeysUnavailableError when we cannot say: unavailable.
   */
  verify(token: string): Promise<C>;
  /**
   * Synchronous and without allocation: the claims, if this very token was verified before and is
   * still good. Undefined says nothing about the token: call {@link verify}.
   */
  verifyCached(token: string): C | undefined;
}

/** Options that the verifiers have in common. */
export interface VerifierOptions {
  readonly keys: KeySource;
  /** Default: nothing is ever revoked. */
  readonly revocations?: RevocationView;
  readonly clock?: Clock;
  /** How far `iat` and `nbf` may lie in the future, for clocks that differ. 0 to 60, default 5. */
  readonly leewaySeconds?: number;
  /** How long after `exp` a token is still good. 0 to 60, default 0. */
  readonly expiryLeewaySeconds?: number;
  /**
   * Most tokens kept; 0 keeps none. Half as many in use at a time are never pushed out. Default 20 000:
   * about 20 MB of usual tokens, 160 MB of the longest.
   */
  readonly cacheEntries?: number;
}
