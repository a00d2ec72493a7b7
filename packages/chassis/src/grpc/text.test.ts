import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { CreatePostRequestSchema } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { UpdateMeRequestSchema } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import { textsWithNul } from './text.ts';
import { assertValid } from './validate.ts';

test('NUL is found in texts, lists of texts and messages within', () => {
  const request = create(UpdateMeRequestSchema, {
    nickname: 'a\u0000b',
    interests: ['tea', '\u0000'],
    settings: { locale: 'en', timeZone: 'UTC\u0000' },
  });
  assert.deepEqual(textsWithNul(UpdateMeRequestSchema, request), [
    ['nickname'],
    ['settings', 'timeZone'],
    ['interests', '1'],
  ]);
});

test('every other character is let through', () => {
  const text = '\u0001\t\n\u001f\u007f \u{10ffff}é';
  const request = create(CreatePostRequestSchema, { title: text, body: text });
  assert.deepEqual(textsWithNul(CreatePostRequestSchema, request), []);
  assertValid(CreatePostRequestSchema, request);
});

test('a request with NUL is refused beside what else is wrong, each by its pointer', () => {
  const request = create(CreatePostRequestSchema, { title: '', body: 'a\u0000' });
  assert.throws(
    () => assertValid(CreatePostRequestSchema, request),
    (error: unknown) =>
      error instanceof GatehouseError &&
      error.kind === 'INVALID_ARGUMENT' &&
      error.fields.map(({ pointer }) => pointer).join() === '/title,/body',
  );
});
