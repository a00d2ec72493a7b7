import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { CreatePostRequestSchema } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { UpdateMeRequestSchema } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import { assertValid } from './validate.ts';

test('the noun of a limit agrees with its number', () => {
  const post = create(CreatePostRequestSchema, { title: '', body: 'a'.repeat(20_001) });
  assert.deepEqual(
    detailsOf(() => assertValid(CreatePostRequestSchema, post)),
    ['must be at least 1 character', 'must be at most 20000 characters'],
  );
  const interests = Array.from({ length: 1000 }, (_, index) => `tea ${index}`);
  const me = create(UpdateMeRequestSchema, { interests });
  const [detail] = detailsOf(() => assertValid(UpdateMeRequestSchema, me));
  assert.match(detail ?? '', /^must contain no more than \d+ items$/);
});

function detailsOf(run: () => void): readonly string[] {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof GatehouseError) return thrown.fields.map(({ detail }) => detail);
    throw thrown;
  }
  return [];
}
