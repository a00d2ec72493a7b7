/** Auth's database: the tables of its capabilities, as `migrations/` makes them. */
import type { Database, Kysely } from '@gatehouse/postgres';
import type { AccountTable } from './accounts/tables.ts';
import type { AuditTable } from './audit/tables.ts';
import type { AccessChangeTable } from './changes/tables.ts';
import type { ClientKeyTable, ClientSecretTable, ClientTable } from './clients/tables.ts';
import type { GrantTable } from './grants/tables.ts';
import type { PassportKeyTable, SigningKeyTable } from './keys/tables.ts';
import type { RefreshTokenTable, SessionTable } from './sessions/tables.ts';

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

export type AuthDatabase = Database<AuthTables>;

/** A connection or a transaction. */
export type Db = Kysely<AuthTables>;
