/** The board: posts and the comments below them, and who may change what. */
import type { AccessSubject } from '@gatehouse/access';
import { implement, runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import { messageOf } from '@gatehouse/contracts';
import {
  BoardService,
  CommentSchema,
  PostSchema,
} from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { firstOrThrow, type Kysely, newId, readPage } from '@gatehouse/postgres';
import { boardErrors } from './errors.ts';

interface Written {
  author_id: string;
  body: string;
  created_at: Date;
  updated_at: Date;
}

interface Tables {
  post: Written & { post_id: string; title: string };
  comment: Written & { comment_id: string; post_id: string };
}

/** Roles that may change what others wrote. */
const MODERATORS: readonly string[] = ['moderator', 'admin'];
const { PAGE_TOKEN: invalidToken } = boardErrors;

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const { clock } = context;
  const migrations = new URL('../migrations/', import.meta.url);
  const database = await context.database<Tables>({ migrations });
  const { read } = database;
  const now = () => new Date(clock.nowMs());
  const writtenBy = ({ id }: AccessSubject) => {
    const at = now();
    return { author_id: id, created_at: at, updated_at: at };
  };

  const board = implement(BoardService, {
    async createPost({ title, body }, { subject }) {
      const post = { post_id: newId('pst', clock), title, body, ...writtenBy(subject) };
      await database.transaction((tx) => tx.insertInto('post').values(post).execute());
      return messageOf(PostSchema, post);
    },

    async listPosts(request) {
      const { rows, nextPageToken } = await readPage(read.selectFrom('post').selectAll(), {
        list: 'posts',
        by: 'post_id',
        order: 'desc',
        request,
        invalidToken,
      });
      return { posts: rows.map((row) => messageOf(PostSchema, row)), nextPageToken };
    },

    async getPost({ postId }) {
      return messageOf(PostSchema, await thePost(postAt(read, postId)));
    },

    async updatePost({ postId, ...change }, { subject }) {
      const row = await database.transaction(async (tx) => {
        const post = await thePost(postAt(tx, postId).forUpdate());
        assertMayChange(post, subject);
        const { title = post.title, body = post.body } = change;
        if (title === post.title && body === post.body) return post;
        const set = { title, body, updated_at: now() };
        await tx.updateTable('post').set(set).where('post_id', '=', postId).execute();
        return { ...post, ...set };
      });
      return messageOf(PostSchema, row);
    },

    async deletePost({ postId }, { subject }) {
      await database.transaction(async (tx) => {
        assertMayChange(await thePost(postAt(tx, postId).forUpdate()), subject);
        // Its comments go with it.
        await tx.deleteFrom('post').where('post_id', '=', postId).execute();
      });
      return {};
    },

    async createComment({ postId, body }, { subject }) {
      const row = { comment_id: newId('cmt', clock), post_id: postId, body, ...writtenBy(subject) };
      await database.transaction(async (tx) => {
        // Holds off only those who would delete it.
        await thePost(postAt(tx, postId).forKeyShare());
        await tx.insertInto('comment').values(row).execute();
      });
      return messageOf(CommentSchema, row);
    },

    async listComments(request) {
      const { postId } = request;
      const query = read.selectFrom('comment').selectAll().where('post_id', '=', postId);
      const list = `comments:${postId}`;
      const page = { list, by: 'comment_id', order: 'asc', request, invalidToken } as const;
      const [{ rows, nextPageToken }] = await Promise.all([
        readPage(query, page),
        thePost(postAt(read, postId)),
      ]);
      return { comments: rows.map((row) => messageOf(CommentSchema, row)), nextPageToken };
    },

    async updateComment(request, { subject }) {
      const { commentId, body } = request;
      const row = await database.transaction(async (tx) => {
        const comment = await heldComment(tx, request);
        assertMayChange(comment, subject);
        if (body === comment.body) return comment;
        const set = { body, updated_at: now() };
        await tx.updateTable('comment').set(set).where('comment_id', '=', commentId).execute();
        return { ...comment, ...set };
      });
      return messageOf(CommentSchema, row);
    },

    async deleteComment(request, { subject }) {
      await database.transaction(async (tx) => {
        assertMayChange(await heldComment(tx, request), subject);
        await tx.deleteFrom('comment').where('comment_id', '=', request.commentId).execute();
      });
      return {};
    },
  });

  return { implementations: [board] };
}

function postAt(db: Kysely<Tables>, postId: string) {
  return db.selectFrom('post').selectAll().where('post_id', '=', postId);
}

function thePost(query: ReturnType<typeof postAt>): Promise<Tables['post']> {
  return firstOrThrow(query, boardErrors.POST_NOT_FOUND);
}

/** Held until the transaction ends. A comment is found below its own post only. */
function heldComment(
  tx: Kysely<Tables>,
  { postId, commentId }: { readonly postId: string; readonly commentId: string },
): Promise<Tables['comment']> {
  const comments = tx.selectFrom('comment').selectAll().where('post_id', '=', postId);
  const query = comments.where('comment_id', '=', commentId).forUpdate();
  return firstOrThrow(query, boardErrors.COMMENT_NOT_FOUND);
}

function assertMayChange({ author_id }: Written, { id, roles }: AccessSubject): void {
  if (author_id === id || roles.some((role) => MODERATORS.includes(role))) return;
  throw boardErrors.NOT_YOURS();
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: 'board', build });
