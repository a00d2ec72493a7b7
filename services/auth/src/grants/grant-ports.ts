/** What the use cases of token exchange need from outside. */
import type { RequestContext, TransactionGrant } from './rules.ts';

export interface GrantRecords {
  insert(grant: TransactionGrant): Promise<void>;
  /** One that is neither revoked nor over, and whose client is not disabled. */
  findLive(grantId: string, now: Date): Promise<TransactionGrant | undefined>;
  /** Newest first, live ones only. */
  listLive(filter: GrantFilter, now: Date): Promise<readonly TransactionGrant[]>;
  /**
   * Revokes it and every grant that came from it.
   *
   * @param workload - only if it is this workload's.
   * @returns whether there was one to revoke.
   */
  revoke(grantId: string, now: Date, workload?: string): Promise<boolean>;
}

export interface GrantFilter {
  readonly accountId?: string;
  readonly limit: number;
}

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

/** A person's passport that was found good: signature, time, news of revocations. */
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

/** @returns undefined for a passport that is bad in any way, or no person's. */
export type VerifyPersonPassport = (token: string) => Promise<PersonPassport | undefined>;
