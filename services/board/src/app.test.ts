/** The board over real gRPC on a real Postgres: what each method returns, and what it rejects. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ServiceClient } from '@gatehouse/chassis';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import { newId } from '@gatehouse/postgres';
import {
  createTestClock,
  createTestIssuer,
  type ServiceUnderTest,
  startServiceUnderTest,
} from '@gatehouse/testing';
import { build } from './app.ts';

const clock = createTestClock();
const issuer = createTestIssuer({ clock });
let tested: ServiceUnderTest;
let board: ServiceClient<typeof BoardService>;

before(async () => {
  tested = await startServiceUnderTest({ name: 'board', build, issuer, clock });
  board = await tested.clientOf(BoardService);
});

after(() => tested.close());

/** What a person of these roles sends along. */
function as(name: string, roles: readonly string[] = ['member']) {
  const sub = `usr_${name.padStart(26, '0')}`;
  const scope = 'board:read board:write';
  return { sub, with: () => ({ passport: issuer.passport({ sub, roles, scope }) }) };
}

const author = as('author');
const other = as('other');

async function refused(code: string, call: Promise<unknown>): Promise<GatehouseError> {
  const error = await call.then(
    () => assert.fail(`not refused with ${code}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GatehouseError, String(error));
  assert.equal(error.code, code);
  return error;
}

async function publish(title = 'A title') {
  return board.createPost({ title, body: 'A body' }, author.with());
}

async function comment(postId: string, body = 'A comment') {
  return board.createComment({ postId, body }, author.with());
}

test('a post is kept as it was written, in the name of its author', async () => {
  const written = { title: ' Tide & \u{1F30A} ', body: 'one\n\ttwo ' };
  const { postId } = await board.createPost(written, author.with());
  const post = await board.getPost({ postId }, other.with());
  assert.deepEqual([post.title, post.body, post.authorId], [...Object.values(written), author.sub]);
  assert.deepEqual(post.createdAt, post.updatedAt);
});

test('a change touches the members that are given and the time of change', async () => {
  const post = await publish();
  clock.advance(1_000);
  const changed = await board.updatePost({ postId: post.postId, title: 'New' }, author.with());
  assert.deepEqual([changed.title, changed.body], ['New', post.body]);
  assert.deepEqual(changed.createdAt, post.createdAt);
  assert.notDeepEqual(changed.updatedAt, post.updatedAt);
  assert.deepEqual(await board.getPost({ postId: post.postId }, other.with()), changed);
});

test('with nothing to change a post stays as it is', async () => {
  const { postId, title } = await publish();
  const before = await board.getPost({ postId }, author.with());
  clock.advance(1_000);
  assert.deepEqual(await board.updatePost({ postId }, author.with()), before);
  assert.deepEqual(await board.updatePost({ postId, title }, author.with()), before);
});

test('the author, a moderator and an admin may change and delete; nobody else may', async () => {
  const { postId } = await publish();
  const { commentId } = await comment(postId);
  const asOther = () => other.with();
  await refused('board.not_yours', board.updatePost({ postId, title: 'x' }, asOther()));
  await refused('board.not_yours', board.updatePost({ postId }, asOther()));
  await refused('board.not_yours', board.deletePost({ postId }, asOther()));
  await refused(
    'board.not_yours',
    board.updateComment({ postId, commentId, body: 'x' }, asOther()),
  );
  await refused('board.not_yours', board.deleteComment({ postId, commentId }, asOther()));
  for (const role of ['moderator', 'admin']) {
    const staff = as(role, ['member', role]);
    const post = await board.updatePost({ postId, title: role }, staff.with());
    assert.deepEqual([post.title, post.authorId], [role, author.sub]);
    const said = await board.updateComment({ postId, commentId, body: role }, staff.with());
    assert.deepEqual([said.body, said.authorId], [role, author.sub]);
    const mine = await comment(postId);
    await board.deleteComment({ postId, commentId: mine.commentId }, staff.with());
    await board.deletePost({ postId: (await publish()).postId }, staff.with());
  }
});

test('a deleted post is gone with its comments', async () => {
  const { postId } = await publish();
  const { commentId } = await comment(postId);
  await board.deletePost({ postId }, author.with());
  await refused('board.post_not_found', board.getPost({ postId }, author.with()));
  await refused('board.post_not_found', board.deletePost({ postId }, author.with()));
  await refused('board.post_not_found', board.listComments({ postId }, author.with()));
  await refused('board.post_not_found', comment(postId));
  await refused(
    'board.comment_not_found',
    board.deleteComment({ postId, commentId }, author.with()),
  );
});

test('a comment on a post that is deleted meanwhile is refused or gone with it', async () => {
  const { postId } = await publish();
  const comments = Array.from({ length: 6 }, () => comment(postId));
  const deleted = board.deletePost({ postId }, author.with());
  const outcomes = await Promise.allSettled([...comments, deleted]);
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    const { reason } = outcome;
    assert.ok(reason instanceof GatehouseError && reason.code === 'board.post_not_found', reason);
  }
  await refused('board.post_not_found', board.listComments({ postId }, author.with()));
});

test('a comment is under its own post alone', async () => {
  const { postId } = await publish();
  const { commentId } = await comment(postId);
  const elsewhere = (await publish()).postId;
  const wrong = { postId: elsewhere, commentId };
  await refused(
    'board.comment_not_found',
    board.updateComment({ ...wrong, body: 'x' }, author.with()),
  );
  await refused('board.comment_not_found', board.deleteComment(wrong, author.with()));
  assert.deepEqual((await board.listComments({ postId: elsewhere }, author.with())).comments, []);
});

test('posts come newest first, and a page stays in place while posts come and go', async () => {
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) made.unshift((await publish()).postId);
  const first = await board.listPosts({ pageSize: 2 }, other.with());
  assert.deepEqual(
    first.posts.map(({ postId }) => postId),
    made.slice(0, 2),
  );

  await publish('added meanwhile');
  await board.deletePost({ postId: made[1] ?? '' }, author.with());
  const second = await board.listPosts(
    { pageSize: 2, pageToken: first.nextPageToken },
    other.with(),
  );
  assert.deepEqual(
    second.posts.map(({ postId }) => postId),
    made.slice(2, 4),
  );
});

test('comments come oldest first, and the last page says so', async () => {
  const { postId } = await publish();
  const made: string[] = [];
  for (let count = 0; count < 3; count += 1) made.push((await comment(postId)).commentId);
  const first = await board.listComments({ postId, pageSize: 2 }, other.with());
  const pageToken = first.nextPageToken;
  const second = await board.listComments({ postId, pageSize: 2, pageToken }, other.with());
  const seen = [...first.comments, ...second.comments].map(({ commentId }) => commentId);
  assert.deepEqual(seen, made);
  assert.equal(second.nextPageToken, '');

  const misused = await refused('board.page_token', board.listPosts({ pageToken }, other.with()));
  assert.equal(misused.fields[0]?.pointer, '/pageToken');
});

test('twenty posts are a page when the request does not say', async () => {
  for (let count = 0; count < 21; count += 1) await publish();
  const page = await board.listPosts({}, other.with());
  assert.equal(page.posts.length, 20);
  assert.notEqual(page.nextPageToken, '');
});

test('what the contract forbids is refused by the name of the member', async () => {
  const error = await refused(
    'common.invalid_input',
    board.createPost({ title: '', body: '' }, author.with()),
  );
  assert.deepEqual(
    error.fields.map(({ pointer }) => pointer),
    ['/title', '/body'],
  );
});

test('an id that was never given out is not found', async () => {
  const postId = newId('pst');
  await refused('board.post_not_found', board.updatePost({ postId, title: 'x' }, author.with()));
});
