/** What verifies the tokens that come with calls: the chassis makes both; a test or auth has its own. */
import type { PassportClaims, ServiceTokenClaims } from '@gatehouse/tokens';

/** Verifies passports. Services share one from `context.trust()`; auth has its own. */
export interface PassportGate {
  /**
   * @throws TokenError when the passport is invalid (UNAUTHENTICATED to the caller).
   * @throws KeysUnavailableError when that cannot be told now (UNAVAILABLE).
   */
  verify(token: string): Promise<PassportClaims>;
  /** The revocation feed has been silent for so long that methods marked `fresh` are refused. */
  readonly revocationsStale: boolean;
}

/** Verifies service tokens, as `context.serviceTokens()` does. */
export interface ServiceTokenGate {
  /**
   * @throws TokenError when the token is invalid.
   * @throws KeysUnavailableError when that cannot be told now.
   */
  verify(token: string): Promise<ServiceTokenClaims>;
}
