/** What extension keeps: the multipliers that were drawn, and the nicknames that were given. */
import type { Database } from '@gatehouse/postgres';

export interface ExtensionTables {
  daily_multiplier: { user_id: bigint; day: string; multiplier: string; drawn_at: Date };
  nickname: { user_id: bigint; nickname: string; given_at: Date };
}

type Db = Database<ExtensionTables>['read'];

/** A multiplier to be kept, if the user has none for that day. */
export interface Drawn {
  readonly userId: bigint;
  readonly day: string;
  readonly multiplier: string;
  readonly at: Date;
}

/**
 * The user's multiplier of a day: the one that is kept, or else this one, which then is. Of replicas that
 * ask at the same time all get the same.
 */
export async function keepMultiplier(db: Db, drawn: Drawn): Promise<string> {
  const { userId, day, multiplier, at } = drawn;
  const kept = await db
    .insertInto('daily_multiplier')
    .values({ user_id: userId, day, multiplier, drawn_at: at })
    .onConflict((conflict) => conflict.columns(['user_id', 'day']).doNothing())
    .returning('multiplier')
    .executeTakeFirst();
  if (kept !== undefined) return kept.multiplier;
  // The insert has waited for whoever was first, so it can be seen now.
  const { multiplier: first } = await db
    .selectFrom('daily_multiplier')
    .select('multiplier')
    .where('user_id', '=', userId)
    .where('day', '=', day)
    .executeTakeFirstOrThrow();
  return first;
}

/** A user's nickname; undefined when none was given yet. */
export async function findNickname(db: Db, userId: bigint): Promise<string | undefined> {
  const row = await db
    .selectFrom('nickname')
    .select('nickname')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.nickname;
}

/** Gives a nickname. @returns false when the user has one by now, or another user has this one. */
export async function giveNickname(
  db: Db,
  given: { readonly userId: bigint; readonly nickname: string; readonly at: Date },
): Promise<boolean> {
  const { userId, nickname, at } = given;
  const row = await db
    .insertInto('nickname')
    .values({ user_id: userId, nickname, given_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}
