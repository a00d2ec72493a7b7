/** The tables of auth's database, as `migrations/` makes them. */
import type { ColumnType, Generated, Kysely } from '@gatehouse/postgres';
import type { AccountStatus } from './accounts/rules.ts';
import type { CommittedChange } from './common/base.ts';
import type { RequestContext } from './grants/rules.ts';
import type { EndReason } from './sessions/rules.ts';

export interface AuthTables {
  account: AccountTable;
  session: SessionTable;
  refresh_token: RefreshTokenTable;
  access_position: { readonly position: bigint };
  access_change: AccessChangeTable;
  signing_key: SigningKeyTable;
  kek_canary: { readonly sealed: Buffer };
  passport_key: PassportKeyTable;
  used_proof: { readonly jti: string; readonly expires_at: Date };
  client: ClientTable;
  client_secret: ClientSecretTable;
  client_key: ClientKeyTable;
  transaction_grant: GrantTable;
  audit: AuditTable;
}

/** A connection or a transaction. */
export type Db = Kysely<AuthTables>;

export interface AccountTable {
  readonly account_id: string;
  readonly email: string;
  readonly status: AccountStatus;
  readonly password_hash: string;
  readonly roles: readonly string[];
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface SessionTable {
  readonly session_id: string;
  readonly account_id: string;
  readonly narrowed_scope: string | null;
  readonly client_address: string;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly expires_at: Date;
  readonly ends_at: Date;
  readonly revoked_at: Date | null;
  readonly revoked_for: EndReason | null;
}

export interface RefreshTokenTable {
  readonly token_hash: Buffer;
  readonly session_id: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly used_at: Date | null;
  readonly successor_hash: Buffer | null;
  readonly successor_sealed: Buffer | null;
}

export interface AccessChangeTable {
  readonly position: bigint;
  readonly kind: CommittedChange['kind'];
  readonly about: string;
  readonly version: number | null;
  readonly made_at: Date;
  readonly expires_at: Date;
}

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

export interface AuditTable {
  readonly audit_id: Generated<bigint>;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly client_address: string;
  readonly trace_id: string;
}

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

export interface GrantTable {
  readonly grant_id: string;
  readonly parent_id: string | null;
  readonly workload: string;
  readonly client_id: string;
  readonly account_id: string;
  readonly account_version: number;
  readonly txn: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly call_chain: string;
  readonly request_context: ColumnType<RequestContext, string, never>;
  readonly method: string;
  readonly purpose: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly revoked_at: Generated<Date | null>;
}
