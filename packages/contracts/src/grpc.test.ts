import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type DescMethod, equals, toBinary } from '@bufbuild/protobuf';
import { AuthService } from './gen/gatehouse/auth/v1/auth_pb.ts';
import {
  BoardService,
  CreatePostRequestSchema,
  PostSchema,
} from './gen/gatehouse/board/v1/board_pb.ts';
import { methodDefinition, serviceDefinition } from './grpc.ts';
import { METHODS, SERVICES } from './methods.ts';

test('a request and a response come out as they went in', () => {
  const definition = methodDefinition(BoardService.method.createPost);
  const request = create(CreatePostRequestSchema, { title: 'Grüße', body: '日本語' });
  const requestBytes = definition.requestSerialize(request);
  assert.ok(Buffer.isBuffer(requestBytes));
  assert.deepEqual(new Uint8Array(requestBytes), toBinary(CreatePostRequestSchema, request));
  assert.ok(equals(CreatePostRequestSchema, definition.requestDeserialize(requestBytes), request));
  const response = create(PostSchema, {
    postId: 'pst_1',
    createdAt: { seconds: 2n ** 53n + 1n, nanos: 5 },
  });
  const responseBytes = definition.responseSerialize(response);
  assert.ok(equals(PostSchema, definition.responseDeserialize(responseBytes), response));
});

test('bytes that are no message are refused', () => {
  const { requestDeserialize } = methodDefinition(BoardService.method.createPost);
  assert.throws(() => requestDeserialize(Buffer.from([0xff, 0xff])));
});

test('the path of a definition is the path of its contract', () => {
  const paths = SERVICES.flatMap((service) =>
    Object.values(serviceDefinition(service)).map(({ path }) => path),
  );
  assert.deepEqual(
    paths,
    METHODS.map(({ grpcPath }) => grpcPath),
  );
});

test('streams are marked on the side that streams', () => {
  const watch = methodDefinition(AuthService.method.watchAccessChanges);
  assert.deepEqual([watch.requestStream, watch.responseStream], [false, true]);
  const login = methodDefinition(AuthService.method.login);
  assert.deepEqual([login.requestStream, login.responseStream], [false, false]);
  const kinds: DescMethod['methodKind'][] = ['client_streaming', 'bidi_streaming'];
  for (const methodKind of kinds) {
    const { requestStream } = methodDefinition({ ...AuthService.method.login, methodKind });
    assert.equal(requestStream, true);
  }
});
