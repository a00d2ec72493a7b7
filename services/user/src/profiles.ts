/** A profile: its statuses and the moves between them, its table and the statements on it. */
import type { Kysely } from '@gatehouse/postgres';
import { userErrors } from './errors.ts';

export type Status = 'PENDING' | 'ACTIVE' | 'SIGNUP_FAILED' | 'SUSPENDED' | 'DELETED';

/** Every legal move: from which statuses, to which. SIGNUP_FAILED and DELETED are final. */
export const MOVES = {
  activate: { from: ['PENDING'], to: 'ACTIVE' },
  failSignup: { from: ['PENDING'], to: 'SIGNUP_FAILED' },
  suspend: { from: ['ACTIVE'], to: 'SUSPENDED' },
  reinstate: { from: ['SUSPENDED'], to: 'ACTIVE' },
  delete: { from: ['ACTIVE', 'SUSPENDED'], to: 'DELETED' },
} as const satisfies Record<string, { readonly from: readonly Status[]; readonly to: Status }>;

export type Move = keyof typeof MOVES;

/**
 * The status after a move. Where the move has led already it is the same status: a repeat is no
 * second move.
 *
 * @throws GatehouseError `user.status_move` when the move is not legal from `status`.
 */
export function statusAfter(move: Move, status: Status): Status {
  const { from, to }: { readonly from: readonly Status[]; readonly to: Status } = MOVES[move];
  if (status === to || from.includes(status)) return to;
  throw userErrors.STATUS_MOVE();
}

export interface UserTables {
  profile: ProfileRow;
}

export interface ProfileRow {
  user_id: string;
  nickname: string;
  status: Status;
  locale: string;
  time_zone: string;
  email_notifications: boolean;
  interests: string[];
  created_at: Date;
  updated_at: Date;
}

type Db = Kysely<UserTables>;

/**
 * Makes the profile unless one has its id, then reads it and holds it until the transaction ends.
 */
export async function insertOrHold(db: Db, row: ProfileRow): Promise<ProfileRow> {
  await db
    .insertInto('profile')
    .values(row)
    .onConflict((conflict) => conflict.column('user_id').doNothing())
    .execute();
  return hold(db, row.user_id);
}

/**
 * Reads a profile, whatever its status, and holds it until the transaction ends.
 *
 * @throws GatehouseError `user.not_found`.
 */
export async function hold(db: Db, userId: string): Promise<ProfileRow> {
  const row = await db
    .selectFrom('profile')
    .selectAll()
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw userErrors.NOT_FOUND();
  return row;
}

/**
 * Reads a profile that is ACTIVE.
 *
 * @throws GatehouseError `user.not_found`, also for one in another status.
 */
export async function readActive(db: Db, userId: string): Promise<ProfileRow> {
  const row = await db
    .selectFrom('profile')
    .selectAll()
    .where('user_id', '=', userId)
    .where('status', '=', 'ACTIVE')
    .executeTakeFirst();
  if (row === undefined) throw userErrors.NOT_FOUND();
  return row;
}

/** Writes every member of a profile that exists. */
export async function replace(db: Db, row: ProfileRow): Promise<void> {
  const { user_id, created_at: _unchanging, ...members } = row;
  await db.updateTable('profile').set(members).where('user_id', '=', user_id).execute();
}
