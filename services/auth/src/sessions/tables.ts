/** The schema of sessions as Kysely sees it; made by `migrations/`, `0001_auth.sql` first. */
import type { EndReason } from './rules.ts';

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
