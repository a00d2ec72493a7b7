import type { Generated } from '@gatehouse/postgres';

export interface ClientTable {
  readonly client_id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly workload: string | null;
  readonly version: Generated<number>;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
}

export interface ClientSecretTable {
  readonly secret_id: string;
  readonly client_id: string;
  readonly secret_hash: Buffer;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

export interface ClientKeyTable {
  readonly client_id: string;
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256';
  readonly public_spki: Buffer;
  readonly created_at: Date;
}
