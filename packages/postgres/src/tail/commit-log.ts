import { type QueryExecutorProvider, sql } from 'kysely';
import { untraced } from '../connection/span.ts';

/** A connection or a transaction, of whatever tables. */
type Connection = QueryExecutorProvider;

/** What a {@link Tail} reads: rows at positions from 1, in commit order, without gaps. */
export interface CommittedRows<Row extends { readonly position: bigint }> {
  /** The position of the last committed row; 0 before the first. */
  position(): Promise<bigint>;
  /** The rows after a position, in order. */
  after(position: bigint, limit: number): Promise<readonly Row[]>;
}

/** The two tables of a log. Neither name comes from a request. */
export interface CommitLogTables {
  /** Has a column `position`, its primary key, beside what a row says. */
  readonly rows: string;
  /** Has one row, with one column `position`: that of the last row. */
  readonly counter: string;
}

/** A table whose rows have positions in commit order. */
export interface CommitLog<Row extends { readonly position: bigint }> {
  /**
   * Takes the position of the next row. The row lock that this takes is held to the end of the
   * transaction, which is what makes positions follow commit order: call it last, and insert the row
   * in the same transaction.
   */
  next(tx: Connection): Promise<bigint>;
  /** The log as one connection sees it. Its statements leave no spans: it is read several times a second. */
  on(db: Connection): CommittedRows<Row>;
}

/**
 * Describes a log in two tables (ADR 0003).
 *
 * A sequence would not do: its numbers are given when a statement runs and not when its transaction
 * commits, so that a reader who has seen 42 never sees a 41 that commits later, and cannot tell a
 * number that was rolled back from a row that was lost.
 *
 * @example
 * ```ts
 * import { commitLog, type Database } from '@gatehouse/postgres';
 *
 * interface Note {
 *   position: bigint;
 *   text: string;
 * }
 * const log = commitLog<Note>({ rows: 'note', counter: 'note_position' });
 *
 * async function addNote(database: Database<{ note: Note }>, text: string) {
 *   await database.transaction(async (tx) => {
 *     const position = await log.next(tx);
 *     await tx.insertInto('note').values({ position, text }).execute();
 *   });
 *   return log.on(database.read).after(0n, 100);
 * }
 * ```
 *
 * Writers wait for each other from `next` to their commit: some hundreds a second on one database.
 */
export function commitLog<Row extends { readonly position: bigint }>(
  tables: CommitLogTables,
): CommitLog<Row> {
  const rows = sql.table(tables.rows);
  const counter = sql.table(tables.counter);
  return {
    next: async (tx) =>
      onlyPosition(
        await sql<Positioned>`
          UPDATE ${counter} SET position = position + 1 RETURNING position`.execute(tx),
      ),

    on: (db) => ({
      position: () =>
        untraced(async () =>
          onlyPosition(await sql<Positioned>`SELECT position FROM ${counter}`.execute(db)),
        ),
      after: (position, limit) =>
        untraced(async () => {
          const found = await sql<Row>`
            SELECT * FROM ${rows} WHERE position > ${position} ORDER BY position LIMIT ${limit}`.execute(
            db,
          );
          return found.rows;
        }),
    }),
  };
}

interface Positioned {
  readonly position: bigint;
}

function onlyPosition({ rows: [row] }: { readonly rows: readonly Positioned[] }): bigint {
  if (row === undefined) throw new Error('the counter of a log must have one row');
  return row.position;
}
