/** Keyset pages: a token names the last row of its page, so rows added or deleted meanwhile shift nothing. */
import { commonErrors, type ErrorFactory } from '@gatehouse/errors';
import type { SelectQueryBuilder } from 'kysely';

/** Rows in a page when the request leaves `page_size` at 0. */
const DEFAULT_PAGE_SIZE = 20;
// The shape of every id that `newId` makes.
const ID = /^[a-z][a-z0-9]{1,11}_[0-9a-z]{26}$/;

/** Which page of which list. */
export interface PageOptions<Row> {
  /** Names the list: a token of another one is rejected. With what narrows it: `comments:pst_…`. */
  readonly list: string;
  /** The column that orders it, of ids that `newId` made. */
  readonly by: keyof Row & string;
  readonly order: 'asc' | 'desc';
  /** `page_size` (0: 20 rows; the contract bounds it) and `page_token` (empty: the first page). */
  readonly request: { readonly pageSize: number; readonly pageToken: string };
  /** The error of a token that this list did not give out. Default `common.invalid_input`. */
  readonly invalidToken?: ErrorFactory;
}

/** One page. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Leads to the next page; `''` on the last one. */
  readonly nextPageToken: string;
}

/**
 * Reads one page of a query, in the order of its ids.
 *
 * @example
 * ```ts
 * import { type Kysely, readPage } from '@gatehouse/postgres';
 *
 * function listNotes(
 *   db: Kysely<{ note: { note_id: string; text: string } }>,
 *   request: { pageSize: number; pageToken: string },
 * ) {
 *   const query = db.selectFrom('note').selectAll();
 *   return readPage(query, { list: 'notes', by: 'note_id', order: 'desc', request });
 * }
 * ```
 * @throws GatehouseError `invalidToken`, pointing at `/pageToken`. A token is no secret and carries no
 *   more trust than an id in a query: who may read the rows, the query itself must say.
 */
export async function readPage<DB, Table extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, Table, Row>,
  { list, by, order, request, invalidToken }: PageOptions<Row>,
): Promise<Page<Row>> {
  const size = request.pageSize === 0 ? DEFAULT_PAGE_SIZE : request.pageSize;
  const after = idIn(request.pageToken, list);
  if (after === undefined) throw notOfThisList(invalidToken);
  // Kysely cannot follow that a column of the row is one of the query.
  const column = by as never;
  const rest =
    after === '' ? query : query.where(column, order === 'asc' ? '>' : '<', after as never);
  const found = await rest
    .orderBy(column, order)
    .limit(size + 1)
    .execute();
  const rows = found.slice(0, size);
  const last = found.length > size ? rows.at(-1) : undefined;
  return { rows, nextPageToken: last === undefined ? '' : tokenOf(list, String(last[by])) };
}

function tokenOf(list: string, id: string): string {
  return Buffer.from(`${list} ${id}`).toString('base64url');
}

/** @returns the id in a token of the list; `''` without a token, `undefined` for another list's. */
function idIn(token: string, list: string): string | undefined {
  if (token === '') return '';
  const id = Buffer.from(token, 'base64url')
    .toString()
    .slice(list.length + 1);
  return ID.test(id) && tokenOf(list, id) === token ? id : undefined;
}

function notOfThisList(error: ErrorFactory = commonErrors.INVALID_INPUT): Error {
  const detail = 'must be the nextPageToken of this list';
  return error({ fields: [{ pointer: '/pageToken', detail }] });
}
