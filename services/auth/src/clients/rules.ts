/** A client: a program that gets tokens in its own name. */
export interface Client {
  /** `cli_…`; never begins with `usr_`. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** The service name of the workload that it stands for. */
  readonly workload: string | undefined;
  /** `sv` of its tokens. */
  readonly version: number;
  readonly createdAt: Date;
  readonly disabledAt: Date | undefined;
}

/** A secret as it is known: never in clear. */
export interface ClientSecret {
  readonly id: string;
  /** SHA-256. */
  readonly hash: Buffer;
  readonly createdAt: Date;
  /** Undefined: until the next rotation. */
  readonly expiresAt: Date | undefined;
}

/** A client with the secrets that are valid, the newest first. */
export interface ClientWithSecrets extends Client {
  readonly secrets: readonly ClientSecret[];
  /** Thumbprints of its public keys, the newest first. */
  readonly kids: readonly string[];
}

/** A public key that a client signs assertions with. */
export interface ClientKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256';
  readonly publicKeySpki: Buffer;
}
