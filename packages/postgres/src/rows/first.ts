import type { ErrorFactory } from '@gatehouse/errors';

/**
 * Reads the first row of a query that must have one.
 *
 * @example
 * ```ts
 * import { defineErrors } from '@gatehouse/errors';
 * import { firstOrThrow, type Kysely } from '@gatehouse/postgres';
 *
 * const noteErrors = defineErrors('note', { GONE: ['NOT_FOUND', 'There is no such note.'] });
 *
 * function readNote(db: Kysely<{ note: { note_id: string; text: string } }>, noteId: string) {
 *   const query = db.selectFrom('note').selectAll().where('note_id', '=', noteId);
 *   return firstOrThrow(query, noteErrors.GONE);
 * }
 * ```
 * @param error - the error of a query without a row, as `defineErrors` makes it.
 */
export function firstOrThrow<Row>(
  query: { executeTakeFirstOrThrow(error: () => Error): Promise<Row> },
  error: ErrorFactory,
): Promise<Row> {
  return query.executeTakeFirstOrThrow(() => error());
}
