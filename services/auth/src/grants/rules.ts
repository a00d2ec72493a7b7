/** A workload's stored right to act for a person later, within one transaction. */
export interface TransactionGrant {
  /** `gra_…`. No secret: it is accepted only together with the workload's certificate. */
  readonly id: string;
  /** The grant from which the passport was drawn that this one was made from. */
  readonly parentId: string | undefined;
  /** SPIFFE ID. */
  readonly workload: string;
  /** The workload's client. */
  readonly clientId: string;
  readonly accountId: string;
  readonly accountVersion: number;
  readonly txn: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** The workloads that asked for passports so far, in order. */
  readonly callChain: readonly string[];
  /** `rctx` of the passport: where the request came from. */
  readonly requestContext: RequestContext;
  /** What was being done at the edge. */
  readonly method: string;
  /** What the workload says that it is for. */
  readonly purpose: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | undefined;
}

export interface RequestContext {
  readonly addr?: string;
  readonly authn?: number;
  readonly iss?: string;
}

/** The scope that a workload's client must have to hold grants: acting for people later is not for all. */
export const GRANT_SCOPE = 'transaction:grant';

export const GRANT_LIMITS = {
  /** Life of a grant where none is asked for. */
  defaultSeconds: 24 * 3600,
  /** And the longest: a saga that takes longer has somebody look at it. */
  maxSeconds: 7 * 24 * 3600,
  maxPurposeChars: 200,
  /** Workloads that may hand a transaction on by grants of grants. */
  maxCallChain: 5,
} as const;

// Drafts up to 05 separate them so; later ones leave the form open. One text, as the claim must be.
const SEPARATOR = ',';

/** The workloads of a `req_wl`, in order. */
export function callChainOf(reqWl: string): readonly string[] {
  return reqWl.split(SEPARATOR);
}

/** The chain as a `req_wl`, with the workload that asks now at its end, unless it is there already. */
export function requestingWorkloads(chain: readonly string[], workload: string): string {
  const isLast = chain.at(-1) === workload;
  return (isLast ? chain : [...chain, workload]).join(SEPARATOR);
}

// The signer's own mark: a drawn passport says by its id which grant it was drawn from.
const DRAWN = /^(gra_[0-9a-z]{26})\.[0-9a-z_]{10,60}$/;

/** The id of a passport drawn from a grant. */
export function drawnPassportId(grantId: string, passportId: string): string {
  return `${grantId}.${passportId}`;
}

/** The grant that a passport of auth was drawn from. */
export function grantOfPassport(jti: string): string | undefined {
  return DRAWN.exec(jti)?.[1];
}
