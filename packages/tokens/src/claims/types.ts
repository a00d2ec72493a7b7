/** The claims of each kind of token, with their JWT names. All times are whole seconds since 1970. */

/** An access token: a person at the edge (RFC 9068, `typ` `at+jwt`, RS256). */
export interface AccessTokenClaims {
  readonly iss: string;
  /** The edge: one string, never a list. */
  readonly aud: string;
  /** `usr_…`. */
  readonly sub: string;
  readonly client_id: string;
  /** Scopes with one space between each; empty for none (RFC 6749, section 3.3). */
  readonly scope: string;
  readonly roles: readonly string[];
  /** Session. */
  readonly sid: string;
  /** Version of the subject; a lower one than is known is revoked. */
  readonly sv: number;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  /** Authentication context class (OpenID Connect Core, section 2). */
  readonly acr?: string;
  /** How strongly the person proved who they are; 0 to 255, higher is stronger. */
  readonly auth_level?: number;
}

/** A service token: a workload over plain HTTP (`typ` `at+jwt`, RS256). */
export interface ServiceTokenClaims {
  readonly iss: string;
  /** The trust domain. */
  readonly aud: string;
  /** Equal to `client_id`; never begins with `usr_`. */
  readonly sub: string;
  readonly client_id: string;
  /** What the workload may do. */
  readonly scope: string;
  /** Version of the client; a lower one than is known is revoked. */
  readonly sv?: number;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

/** A passport: for whom, and why, an internal call is made (`typ` `txntoken+jwt`, ES256). */
export interface PassportClaims {
  /** The SPIFFE ID that is bound to the signing key. */
  readonly iss: string;
  /** The trust domain. */
  readonly aud: string;
  /** The transaction: the same down the whole call chain. */
  readonly txn: string;
  readonly jti: string;
  /** `usr_…` a person, `anonymous:<txn>` nobody known, `spiffe://…` a workload in its own name. */
  readonly sub: string;
  readonly sid?: string;
  readonly sv?: number;
  readonly scope: string;
  readonly roles?: readonly string[];
  readonly rctx: PassportRequesterContext;
  readonly tctx: PassportTransactionContext;
  /**
   * The workload that asked for the passport; with a comma between each where a grant was handed on, the
   * first to ask first.
   */
  readonly req_wl: string;
  readonly iat: number;
  /** At most 60 s after `iat`. */
  readonly exp: number;
}

/** Where the request came from. */
export interface PassportRequesterContext {
  /** Address of the client. */
  readonly addr?: string;
  /** Authentication level of the person; 0 to 255. */
  readonly authn?: number;
  /** Issuer of the access token. */
  readonly iss?: string;
}

/** What is being done. */
export interface PassportTransactionContext {
  /** Id of the method at the edge; an anonymous passport is good for this one only. */
  readonly method: string;
}
