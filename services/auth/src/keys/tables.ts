export interface SigningKeyTable {
  readonly kid: string;
  readonly purpose: 'access' | 'passport';
  readonly alg: 'RS256' | 'ES256';
  readonly public_spki: Buffer;
  /** Null: erased, since the key signs no more. */
  readonly sealed_private: Buffer | null;
  readonly created_at: Date;
  readonly signs_from: Date;
  readonly revoked_at: Date | null;
}

export interface PassportKeyTable {
  readonly kid: string;
  readonly issuer: string;
  readonly public_spki: Buffer;
  readonly registered_at: Date;
  readonly lease_expires_at: Date;
  readonly revoked_at: Date | null;
}
