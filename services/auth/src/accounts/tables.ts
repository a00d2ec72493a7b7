import type { AccountStatus } from './rules.ts';

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
