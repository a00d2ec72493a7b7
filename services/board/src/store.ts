/** The tables of the board and the statements on them. What a caller may do is decided in app.ts. */
import type { Kysely } from '@gatehouse/postgres';
import { boardErrors } from './errors.ts';
import { cutPage, type Page, type PageQuery } from './pages.ts';

export interface BoardTables {
  post: PostRow;
  comment: CommentRow;
}

export interface PostRow {
  post_id: string;
  author_id: string;
  title: string;
  body: string;
  created_at: Date;
  updated_at: Date;
}

export interface CommentRow {
  comment_id: string;
  post_id: string;
  author_id: string;
  body: string;
  created_at: Date;
  updated_at: Date;
}

type Db = Kysely<BoardTables>;

/** Names of the lists, as their page tokens carry them. */
export const POSTS = 'posts';
export function commentsOf(postId: string): string {
  return `comments:${postId}`;
}

export async function insertPost(db: Db, row: PostRow): Promise<void> {
  await db.insertInto('post').values(row).execute();
}

/** @throws GatehouseError `board.post_not_found`. */
export async function readPost(db: Db, postId: string): Promise<PostRow> {
  const row = await db
    .selectFrom('post')
    .selectAll()
    .where('post_id', '=', postId)
    .executeTakeFirst();
  if (row === undefined) throw boardErrors.POST_NOT_FOUND();
  return row;
}

/**
 * Reads a post and holds it until the transaction ends.
 *
 * @param strength - `change` shuts out everyone else; `keep` only those who would delete it.
 * @throws GatehouseError `board.post_not_found`.
 */
export async function holdPost(
  db: Db,
  postId: string,
  strength: 'change' | 'keep',
): Promise<PostRow> {
  const query = db.selectFrom('post').selectAll().where('post_id', '=', postId);
  const row = await (strength === 'change'
    ? query.forUpdate()
    : query.forKeyShare()
  ).executeTakeFirst();
  if (row === undefined) throw boardErrors.POST_NOT_FOUND();
  return row;
}

/** Newest first. */
export async function listPosts(db: Db, page: PageQuery): Promise<Page<PostRow>> {
  const after = page.after;
  const rows = await db
    .selectFrom('post')
    .selectAll()
    .$if(after !== undefined, (query) => query.where('post_id', '<', after ?? ''))
    .orderBy('post_id', 'desc')
    .limit(page.size + 1)
    .execute();
  return cutPage(rows, { list: POSTS, size: page.size, idOf: (row) => row.post_id });
}

export async function updatePost(db: Db, row: PostRow): Promise<void> {
  await db
    .updateTable('post')
    .set({ title: row.title, body: row.body, updated_at: row.updated_at })
    .where('post_id', '=', row.post_id)
    .execute();
}

/** Its comments go with it. */
export async function deletePost(db: Db, postId: string): Promise<void> {
  await db.deleteFrom('post').where('post_id', '=', postId).execute();
}

export async function insertComment(db: Db, row: CommentRow): Promise<void> {
  await db.insertInto('comment').values(row).execute();
}

/**
 * Reads a comment of this post and holds it until the transaction ends.
 *
 * @throws GatehouseError `board.comment_not_found`, also when it is under another post.
 */
export async function holdComment(
  db: Db,
  id: { readonly postId: string; readonly commentId: string },
): Promise<CommentRow> {
  const row = await db
    .selectFrom('comment')
    .selectAll()
    .where('comment_id', '=', id.commentId)
    .where('post_id', '=', id.postId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw boardErrors.COMMENT_NOT_FOUND();
  return row;
}

/** Oldest first. */
export async function listComments(
  db: Db,
  postId: string,
  page: PageQuery,
): Promise<Page<CommentRow>> {
  const after = page.after;
  const rows = await db
    .selectFrom('comment')
    .selectAll()
    .where('post_id', '=', postId)
    .$if(after !== undefined, (query) => query.where('comment_id', '>', after ?? ''))
    .orderBy('comment_id', 'asc')
    .limit(page.size + 1)
    .execute();
  return cutPage(rows, {
    list: commentsOf(postId),
    size: page.size,
    idOf: (row) => row.comment_id,
  });
}

export async function updateComment(db: Db, row: CommentRow): Promise<void> {
  await db
    .updateTable('comment')
    .set({ body: row.body, updated_at: row.updated_at })
    .where('comment_id', '=', row.comment_id)
    .execute();
}

export async function deleteComment(db: Db, commentId: string): Promise<void> {
  await db.deleteFrom('comment').where('comment_id', '=', commentId).execute();
}
