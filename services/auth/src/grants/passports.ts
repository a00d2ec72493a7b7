/** Passports that auth signs, and those that it is shown. */
import { mintPassport, type PassportClaims, type SigningKey, TokenError } from '@gatehouse/tokens';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { RequestContext } from './rules.ts';

/** What a passport that auth signs says, beside what all of them say alike. */
export interface PassportGrant {
  readonly txn: string;
  readonly jti: string;
  readonly sub: string;
  readonly version: number | undefined;
  /** Space-separated. */
  readonly scope: string;
  readonly roles?: readonly string[];
  readonly requestContext: RequestContext;
  readonly method: string;
  /** `req_wl` */
  readonly requestedBy: string;
  readonly issuedAt: Date;
}

/** Signs a passport with auth's own key. */
export type MintPassport = (grant: PassportGrant) => string;

/** A person's passport whose signature, times and revocation state are valid. */
export interface PersonPassport {
  readonly jti: string;
  /** SPIFFE ID of its signer. */
  readonly issuer: string;
  readonly txn: string;
  readonly accountId: string;
  readonly version: number;
  readonly scope: string;
  readonly roles: readonly string[];
  readonly requestContext: RequestContext;
  readonly method: string;
  readonly requestedBy: string;
}

/** @returns undefined for a passport that is invalid in any way, or no person's. */
export type VerifyPersonPassport = (token: string) => Promise<PersonPassport | undefined>;

export function createMintPassport(options: {
  /** The key that signs now. */
  readonly key: () => SigningKey;
  /** SPIFFE ID of auth. */
  readonly identity: string;
  readonly trustDomain: string;
}): MintPassport {
  return (grant) => {
    const iat = Math.floor(grant.issuedAt.getTime() / 1000);
    return mintPassport(options.key(), {
      iss: options.identity,
      aud: options.trustDomain,
      txn: grant.txn,
      jti: grant.jti,
      sub: grant.sub,
      ...(grant.version === undefined ? {} : { sv: grant.version }),
      scope: grant.scope,
      ...(grant.roles === undefined ? {} : { roles: grant.roles }),
      rctx: grant.requestContext,
      tctx: { method: grant.method },
      req_wl: grant.requestedBy,
      iat,
      exp: iat + LIFETIMES.passportSeconds,
    });
  };
}

/** @param verify - checks signature, times and revocations. */
export function createVerifyPersonPassport(
  verify: (token: string) => Promise<PassportClaims>,
): VerifyPersonPassport {
  return async (token) => {
    const claims = await verifiedOrNot(verify, token);
    // Without a version nothing would tell that the account has changed.
    if (claims?.sv === undefined || !claims.sub.startsWith('usr_')) return undefined;
    return {
      jti: claims.jti,
      issuer: claims.iss,
      txn: claims.txn,
      accountId: claims.sub,
      version: claims.sv,
      scope: claims.scope,
      roles: claims.roles ?? [],
      requestContext: claims.rctx,
      method: claims.tctx.method,
      requestedBy: claims.req_wl,
    };
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

async function verifiedOrNot(verify: (token: string) => Promise<PassportClaims>, token: string) {
  try {
    return await verify(token);
  } catch (error) {
    if (error instanceof TokenError) return undefined;
    throw error;
  }
}
