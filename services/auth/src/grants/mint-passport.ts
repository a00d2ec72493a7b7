/** Passports that auth signs, and those that it is shown. */
import { mintPassport, type PassportClaims, type SigningKey, TokenError } from '@gatehouse/tokens';
import type { Clock } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';

/** What a passport that auth signs says, beside what all of them say alike. */
export type PassportGrant = Omit<PassportClaims, 'iss' | 'aud' | 'iat' | 'exp'>;

/** Signs a passport with auth's own key, which is valid for a minute. */
export type MintPassport = (grant: PassportGrant) => string;

export function createMintPassport(options: {
  /** The key that signs now. */
  readonly key: () => SigningKey;
  /** SPIFFE ID of auth. */
  readonly identity: string;
  readonly trustDomain: string;
  readonly clock: Clock;
}): MintPassport {
  const { key, identity: iss, trustDomain: aud, clock } = options;
  return (grant) => {
    const iat = Math.floor(clock.nowMs() / 1000);
    return mintPassport(key(), { ...grant, iss, aud, iat, exp: iat + LIFETIMES.passportSeconds });
  };
}

/** The claims of a person's passport. */
export type PersonPassport = PassportClaims & { readonly sv: number };

/** @returns undefined for a passport that is invalid in any way, or no person's. */
export type VerifyPersonPassport = (token: string) => Promise<PersonPassport | undefined>;

/** @param verify - checks signature, times and revocations. */
export function createVerifyPersonPassport(
  verify: (token: string) => Promise<PassportClaims>,
): VerifyPersonPassport {
  return async (token) => {
    try {
      const claims = await verify(token);
      const { sv, sub } = claims;
      // Without a version nothing would tell that the account has changed.
      return sv === undefined || !sub.startsWith('usr_') ? undefined : { ...claims, sv };
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  };
}

/** Whether a text says of itself that it is a passport; nothing of it is verified. */
export function looksLikePassport(token: string): boolean {
  const header = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString();
  try {
    const value: unknown = JSON.parse(header);
    const isHeader = typeof value === 'object' && value !== null && 'typ' in value;
    return isHeader && value.typ === 'txntoken+jwt';
  } catch {
    return false;
  }
}
