/** The wire of `/board/v1`, line by line: what is answered, and what is refused. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { call } from './support/edge.ts';
import { logIn, logInAs, signUp } from './support/people.ts';
import { assertProblem, assertUnauthorized } from './support/problem.ts';

const POSTS = '/board/v1/posts';
const MISSING_POST = `${POSTS}/pst_00000000000000000000000000`;

interface Post {
  readonly postId: string;
  readonly title: string;
  readonly body: string;
  readonly authorId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

interface Comment {
  readonly commentId: string;
  readonly postId: string;
  readonly body: string;
  readonly authorId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

let author: { readonly userId: string; readonly token: string };
let other: { readonly token: string };
let moderator: { readonly token: string };

before(async () => {
  const person = await signUp();
  author = { userId: person.userId, token: (await logIn(person)).accessToken };
  other = { token: (await logIn(await signUp())).accessToken };
  moderator = { token: (await logInAs('moderator')).accessToken };
});

async function publish(title = 'A title', body = 'A body'): Promise<Post> {
  const answer = await call<Post>(`POST ${POSTS}`, { ...author, body: { title, body } });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function comment(postId: string, body = 'A comment'): Promise<Comment> {
  const answer = await call<Comment>(`POST ${POSTS}/${postId}/comments`, {
    ...author,
    body: { body },
  });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

test('a post is published in the own name and read as it was written', async () => {
  const written = { title: ' Tide & time <b>', body: 'Line one\nline two\t\u{1F30A} ‮é' };
  const post = await publish(written.title, written.body);
  const { postId, createdAt, updatedAt, ...rest } = post;
  assert.match(postId, /^pst_[0-9a-z]{26}$/);
  assert.deepEqual(rest, { ...written, authorId: author.userId });
  assert.equal(createdAt, updatedAt);
  const read = await call<Post>(`GET ${POSTS}/${postId}`, other);
  assert.equal(read.status, 200);
  assert.deepEqual(read.body, post);
});

test('a post with wrong members names each of them', async () => {
  const empty = await call(`POST ${POSTS}`, { ...author, body: {} });
  assertProblem(empty, 400, { at: ['/title', '/body'] });
  const long = { title: 'x'.repeat(201), body: 'y'.repeat(20_001) };
  assertProblem(await call(`POST ${POSTS}`, { ...author, body: long }), 400, {
    at: ['/title', '/body'],
  });
  const number = await call(`POST ${POSTS}`, { ...author, body: { title: 7, body: 'x' } });
  assertProblem(number, 400);
  const authored = { title: 'x', body: 'y', authorId: 'usr_else' };
  const forged = assertProblem(await call(`POST ${POSTS}`, { ...author, body: authored }), 400);
  assert.match(JSON.stringify(forged), /authorId/);
});

test('text that cannot be kept as it is written is refused, not mended', async () => {
  for (const broken of ['a\u0000b', '\ud83c']) {
    const body = { title: 'x', body: broken };
    assertProblem(await call(`POST ${POSTS}`, { ...author, body }), 400, { at: ['/body'] });
  }
});

test('the author changes the members that are given, and no other', async () => {
  const post = await publish();
  const line = `PATCH ${POSTS}/${post.postId}` as const;
  const changed = await call<Post>(line, { ...author, body: { title: 'Another' } });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual([changed.body.title, changed.body.body], ['Another', post.body]);
  assert.ok(changed.body.updatedAt >= post.updatedAt);
  const unchanged = await call<Post>(line, { ...author, body: {} });
  assert.equal(unchanged.status, 200, unchanged.text);
  assert.deepEqual(unchanged.body, changed.body);
  assertProblem(await call(line, { ...author, body: { title: '' } }), 400, { at: ['/title'] });
});

test('only its author or a moderator may change or delete a post', async () => {
  const { postId } = await publish();
  const path = `${POSTS}/${postId}` as const;
  const body = { title: 'Mine now' };
  for (const [line, request] of [
    [`PATCH ${path}`, { ...other, body }],
    [`DELETE ${path}`, other],
  ] as const) {
    assertProblem(await call(line, request), 403, { code: 'board.not_yours' });
  }
  const moderated = await call<Post>(`PATCH ${path}`, { ...moderator, body });
  assert.equal(moderated.status, 200, moderated.text);
  assert.deepEqual([moderated.body.title, moderated.body.authorId], [body.title, author.userId]);
  const gone = await call(`DELETE ${path}`, moderator);
  assert.equal(gone.status, 204, gone.text);
});

test('a deleted post is gone with its comments', async () => {
  const { postId } = await publish();
  await comment(postId);
  const path = `${POSTS}/${postId}` as const;
  const answer = await call(`DELETE ${path}`, author);
  assert.equal(answer.status, 204, answer.text);
  assert.equal(answer.text, '');
  for (const line of [`GET ${path}`, `DELETE ${path}`, `GET ${path}/comments`] as const) {
    assertProblem(await call(line, author), 404, { code: 'board.post_not_found' });
  }
});

test('posts come newest first, a page at a time, and each once while others are added', async () => {
  const made: string[] = [];
  for (const title of ['1', '2', '3', '4', '5']) made.unshift((await publish(title)).postId);

  const seen: string[] = [];
  let pageToken = '';
  do {
    const query = new URLSearchParams({ pageSize: '2', ...(pageToken && { pageToken }) });
    const page = await call<{ posts: Post[]; nextPageToken: string }>(
      `GET ${POSTS}?${query}`,
      other,
    );
    assert.equal(page.status, 200, page.text);
    assert.ok(page.body.posts.length <= 2);
    seen.push(...page.body.posts.map(({ postId }) => postId));
    pageToken = page.body.nextPageToken;
    await publish('added meanwhile');
  } while (pageToken !== '' && seen.length < 5);
  assert.deepEqual(seen.slice(0, 5), made);
  assert.equal(new Set(seen).size, seen.length);
});

test('invalid paging fields are named', async () => {
  const refuse = async (query: string, pointer: string) => {
    assertProblem(await call(`GET ${POSTS}?${query}`, author), 400, { at: [pointer] });
  };
  await refuse('pageSize=101', '/pageSize');
  await refuse('pageSize=-1', '/pageSize');
  await refuse('pageToken=x', '/pageToken');
  assertProblem(await call(`GET ${POSTS}?pageSize=two`, author), 400);
  assertProblem(await call(`GET ${POSTS}?order=oldest`, author), 400);
});

test('comments come oldest first, a page at a time, and their tokens are good there alone', async () => {
  const { postId } = await publish();
  const made: string[] = [];
  for (const body of ['1', '2', '3']) made.push((await comment(postId, body)).commentId);

  const path = `${POSTS}/${postId}/comments` as const;
  const read = async (query: string) => {
    const answer = await call<{ comments: Comment[]; nextPageToken: string }>(
      `GET ${path}?${query}`,
      other,
    );
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const first = await read('pageSize=2');
  const token = first.nextPageToken;
  const second = await read(`pageSize=2&pageToken=${token}`);
  const ids = [...first.comments, ...second.comments].map(({ commentId }) => commentId);
  assert.deepEqual(ids, made);
  assert.equal(second.nextPageToken, '');

  const elsewhere = (await publish()).postId;
  for (const list of [POSTS, `${POSTS}/${elsewhere}/comments`] as const) {
    const answer = await call(`GET ${list}?pageToken=${token}`, author);
    assertProblem(answer, 400, { code: 'board.page_token', at: ['/pageToken'] });
  }
});

test('a comment is changed and deleted by its author or a moderator', async () => {
  const { postId } = await publish();
  const { commentId } = await comment(postId);
  const path = `${POSTS}/${postId}/comments/${commentId}` as const;
  const body = { body: 'Better' };
  assertProblem(await call(`PATCH ${path}`, { ...other, body }), 403, { code: 'board.not_yours' });
  assertProblem(await call(`DELETE ${path}`, other), 403, { code: 'board.not_yours' });
  assertProblem(await call(`PATCH ${path}`, { ...author, body: {} }), 400, { at: ['/body'] });

  for (const person of [author, moderator]) {
    const changed = await call<Comment>(`PATCH ${path}`, { ...person, body });
    assert.equal(changed.status, 200, changed.text);
    const { commentId: id, authorId, body: text } = changed.body;
    assert.deepEqual([id, authorId, text], [commentId, author.userId, 'Better']);
  }
  const answer = await call(`DELETE ${path}`, moderator);
  assert.equal(answer.status, 204, answer.text);
  assertProblem(await call(`DELETE ${path}`, author), 404, { code: 'board.comment_not_found' });
});

test('a comment is found under its own post alone', async () => {
  const { commentId } = await comment((await publish()).postId);
  const path = `${POSTS}/${(await publish()).postId}/comments/${commentId}` as const;
  const changed = await call(`PATCH ${path}`, { ...author, body: { body: 'x' } });
  assertProblem(changed, 404, { code: 'board.comment_not_found' });
  assertProblem(await call(`DELETE ${path}`, author), 404);
});

test('what is not there is not found', async () => {
  const body = { body: 'x' };
  for (const [line, request] of [
    [`GET ${MISSING_POST}`, author],
    [`PATCH ${MISSING_POST}`, { ...author, body }],
    [`POST ${MISSING_POST}/comments`, { ...author, body }],
  ] as const) {
    assertProblem(await call(line, request), 404, { code: 'board.post_not_found' });
  }
  assertProblem(await call('GET /board/v1/nothing', author), 404);
  assertProblem(await call('GET /board/v2/posts', author), 404);
});

test('the board asks for a token that is good, and for the scope', async () => {
  assertUnauthorized(await call(`GET ${POSTS}`));
  const forged = await call(`GET ${POSTS}`, { token: `${author.token.slice(0, -8)}AAAAAAAA` });
  assertUnauthorized(forged);
  assert.match(forged.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
  const reader = await logIn(await signUp(), { scope: 'board:read' });
  const token = reader.accessToken;
  assert.equal((await call(`GET ${POSTS}`, { token })).status, 200);
  const refused = await call(`POST ${POSTS}`, { token, body: { title: 'x', body: 'y' } });
  assertProblem(refused, 403);
});
