/** The board put together: its database, and what each method of the contract does. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { AccessSubject } from '@gatehouse/access';
import { implement, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import {
  BoardService,
  type CommentSchema,
  type PostSchema,
} from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { newId } from '@gatehouse/postgres';
import { boardErrors } from './errors.ts';
import { pageQuery } from './pages.ts';
import * as store from './store.ts';

/** Roles that may change what others wrote. */
const MODERATORS: readonly string[] = ['moderator', 'admin'];

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const database = await context.database<store.BoardTables>({
    migrations: new URL('../migrations/', import.meta.url),
  });
  const now = () => new Date(context.clock.nowMs());

  const board = implement(BoardService, {
    async createPost(request, call) {
      const at = now();
      const row: store.PostRow = {
        post_id: newId('pst', context.clock),
        author_id: call.subject.id,
        title: request.title,
        body: request.body,
        created_at: at,
        updated_at: at,
      };
      await database.transaction((tx) => store.insertPost(tx, row));
      return postMessage(row);
    },

    async listPosts(request) {
      const page = await store.listPosts(database.read, pageQuery(store.POSTS, request));
      return { posts: page.rows.map(postMessage), nextPageToken: page.nextPageToken };
    },

    async getPost(request) {
      return postMessage(await store.readPost(database.read, request.postId));
    },

    async updatePost(request, call) {
      const row = await database.transaction(async (tx) => {
        const post = await store.holdPost(tx, request.postId, 'change');
        assertMayChange(post, call.subject);
        const { title = post.title, body = post.body } = request;
        if (title === post.title && body === post.body) return post;
        const changed = { ...post, title, body, updated_at: now() };
        await store.updatePost(tx, changed);
        return changed;
      });
      return postMessage(row);
    },

    async deletePost(request, call) {
      await database.transaction(async (tx) => {
        assertMayChange(await store.holdPost(tx, request.postId, 'change'), call.subject);
        await store.deletePost(tx, request.postId);
      });
      return {};
    },

    async createComment(request, call) {
      const at = now();
      const row: store.CommentRow = {
        comment_id: newId('cmt', context.clock),
        post_id: request.postId,
        author_id: call.subject.id,
        body: request.body,
        created_at: at,
        updated_at: at,
      };
      await database.transaction(async (tx) => {
        await store.holdPost(tx, request.postId, 'keep');
        await store.insertComment(tx, row);
      });
      return commentMessage(row);
    },

    async listComments(request) {
      const query = pageQuery(store.commentsOf(request.postId), request);
      await store.readPost(database.read, request.postId);
      const page = await store.listComments(database.read, request.postId, query);
      return { comments: page.rows.map(commentMessage), nextPageToken: page.nextPageToken };
    },

    async updateComment(request, call) {
      const row = await database.transaction(async (tx) => {
        const comment = await store.holdComment(tx, request);
        assertMayChange(comment, call.subject);
        if (request.body === comment.body) return comment;
        const changed = { ...comment, body: request.body, updated_at: now() };
        await store.updateComment(tx, changed);
        return changed;
      });
      return commentMessage(row);
    },

    async deleteComment(request, call) {
      await database.transaction(async (tx) => {
        assertMayChange(await store.holdComment(tx, request), call.subject);
        await store.deleteComment(tx, request.commentId);
      });
      return {};
    },
  });

  return { implementations: [board] };
}

function assertMayChange(row: { readonly author_id: string }, subject: AccessSubject): void {
  if (row.author_id === subject.id) return;
  if (subject.roles.some((role) => MODERATORS.includes(role))) return;
  throw boardErrors.NOT_YOURS();
}

function postMessage(row: store.PostRow): MessageInitShape<typeof PostSchema> {
  return {
    postId: row.post_id,
    title: row.title,
    body: row.body,
    authorId: row.author_id,
    createdAt: timestampFromDate(row.created_at),
    updatedAt: timestampFromDate(row.updated_at),
  };
}

function commentMessage(row: store.CommentRow): MessageInitShape<typeof CommentSchema> {
  return {
    commentId: row.comment_id,
    postId: row.post_id,
    body: row.body,
    authorId: row.author_id,
    createdAt: timestampFromDate(row.created_at),
    updatedAt: timestampFromDate(row.updated_at),
  };
}
