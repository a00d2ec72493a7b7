/** A profile: its statuses and the moves between them, its table and the statements on it. */
import { defineStates } from '@gatehouse/errors';
import { firstOrThrow, type Kysely } from '@gatehouse/postgres';
import { userErrors } from './errors.ts';

/** SIGNUP_FAILED and DELETED are final. What names its own end may be repeated. */
export const statuses = defineStates({
  names: ['PENDING', 'ACTIVE', 'SIGNUP_FAILED', 'SUSPENDED', 'DELETED'],
  moves: {
    activate: { from: ['PENDING', 'ACTIVE'], to: 'ACTIVE' },
    failSignup: { from: ['PENDING', 'SIGNUP_FAILED'], to: 'SIGNUP_FAILED' },
    suspend: { from: ['ACTIVE', 'SUSPENDED'], to: 'SUSPENDED' },
    reinstate: { from: ['SUSPENDED', 'ACTIVE'], to: 'ACTIVE' },
    delete: { from: ['ACTIVE', 'SUSPENDED', 'DELETED'], to: 'DELETED' },
  },
  illegal: userErrors.STATUS_MOVE,
});

type Status = (typeof statuses.names)[number];
export type Move = Parameters<typeof statuses.after>[0];

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

/** Makes the profile unless one has its id, then reads it and holds it until the transaction ends. */
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
export function hold(db: Db, userId: string): Promise<ProfileRow> {
  return firstOrThrow(profileOf(db, userId).forUpdate(), userErrors.NOT_FOUND);
}

/**
 * Reads a profile that is ACTIVE.
 *
 * @throws GatehouseError `user.not_found`, also for one in another status.
 */
export function readActive(db: Db, userId: string): Promise<ProfileRow> {
  const query = profileOf(db, userId).where('status', '=', 'ACTIVE');
  return firstOrThrow(query, userErrors.NOT_FOUND);
}

function profileOf(db: Db, userId: string) {
  return db.selectFrom('profile').selectAll().where('user_id', '=', userId);
}
