/**
 * Keyset pages: a page token names the last row of the page before, so rows that are added or
 * deleted meanwhile shift nothing.
 */
import { boardErrors } from './errors.ts';

/** Rows in a page when the request leaves `page_size` at 0. */
const DEFAULT_PAGE_SIZE = 20;

/** Which rows to read. */
export interface PageQuery {
  /** Id of the last row of the page before; absent for the first page. */
  readonly after?: string;
  /** Most rows in the page. */
  readonly size: number;
}

/** One page of rows, and the token of the next; `''` on the last page. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextPageToken: string;
}

/**
 * Reads the paging members of a request.
 *
 * @param list - the list that is read; a token of another list is refused.
 * @throws GatehouseError `board.page_token`, pointing at `/pageToken`.
 */
export function pageQuery(
  list: string,
  request: { readonly pageSize: number; readonly pageToken: string },
): PageQuery {
  const size = request.pageSize === 0 ? DEFAULT_PAGE_SIZE : request.pageSize;
  if (request.pageToken === '') return { size };
  return { size, after: openPageToken(list, request.pageToken) };
}

/**
 * Cuts a page from rows that were read with one more than the page holds.
 *
 * @param list - the list that was read; the token is good for it alone.
 * @param idOf - the id by which the list is ordered.
 */
export function cutPage<Row>(
  rows: readonly Row[],
  page: { readonly list: string; readonly size: number; readonly idOf: (row: Row) => string },
): Page<Row> {
  const kept = rows.slice(0, page.size);
  const last = kept.at(-1);
  const more = rows.length > page.size && last !== undefined;
  return {
    rows: kept,
    nextPageToken: more ? sealPageToken(page.list, page.idOf(last)) : '',
  };
}

function sealPageToken(list: string, after: string): string {
  return Buffer.from(`${list} ${after}`).toString('base64url');
}

function openPageToken(list: string, token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  // Compared with the list as a prefix: a token carries no more trust than an id in a query.
  const after = text.slice(list.length + 1);
  const good = ID.test(after) && sealPageToken(list, after) === token;
  if (good) return after;
  throw boardErrors.PAGE_TOKEN({
    fields: [{ pointer: '/pageToken', detail: 'must be the nextPageToken of this list' }],
  });
}

// The shape of every id that a list is ordered by.
const ID = /^[a-z]{3}_[0-9a-z]{26}$/;
