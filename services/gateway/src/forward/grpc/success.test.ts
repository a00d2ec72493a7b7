import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { METHODS } from '@gatehouse/contracts';
import {
  ListPostsResponseSchema,
  PostSchema,
} from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { successResponse } from './success.ts';

function method(name: string) {
  const found = METHODS.find(({ desc }) => desc.name === name);
  assert.ok(found);
  return found;
}

test('a message is answered as JSON with defaults present, and the status of the contract', () => {
  const bytes = toBinary(PostSchema, create(PostSchema, { postId: 'p1' }));
  const answer = successResponse(method('CreatePost'), bytes);
  assert.equal(answer.status, 201);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(Buffer.from(answer.body ?? []).toString()), {
    postId: 'p1',
    title: '',
    body: '',
    authorId: '',
  });
});

test('an empty list is a list', () => {
  const bytes = toBinary(ListPostsResponseSchema, create(ListPostsResponseSchema));
  const { body, status } = successResponse(method('ListPosts'), bytes);
  assert.equal(status, 200);
  assert.equal(Buffer.from(body ?? []).toString(), '{"posts":[],"nextPageToken":""}');
});

test('204 has no body and no type', () => {
  const answer = successResponse(method('DeletePost'), new Uint8Array());
  assert.equal(answer.body, undefined);
  assert.equal(answer.headers['content-type'], undefined);
  assert.equal(answer.headers['cache-control'], 'no-store');
});

test('bytes that are no message are our failure, not the client’s', () => {
  assert.throws(() => successResponse(method('GetPost'), Buffer.from([0x0a, 0xff])), {
    code: 'gateway.upstream_answer',
  });
});
