import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { UpdateMeRequestSchema } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import { changesOf } from './changes.ts';

const settings = { locale: 'ko-KR', timeZone: 'Asia/Seoul', emailNotifications: false };
const columns = { locale: 'ko-KR', time_zone: 'Asia/Seoul', email_notifications: false };

function changes(request: MessageInitShape<typeof UpdateMeRequestSchema>) {
  return changesOf(create(UpdateMeRequestSchema, request));
}

function refusedAt(pointer: string, request: MessageInitShape<typeof UpdateMeRequestSchema>): void {
  assert.throws(
    () => changes(request),
    (error: unknown) =>
      error instanceof GatehouseError &&
      error.kind === 'INVALID_ARGUMENT' &&
      error.fields[0]?.pointer === pointer,
  );
}

test('without a mask the members that are present change', () => {
  assert.deepEqual(changes({}), {});
  assert.deepEqual(changes({ nickname: 'Ana' }), { nickname: 'Ana' });
  assert.deepEqual(changes({ settings, interests: ['go'] }), { ...columns, interests: ['go'] });
  assert.deepEqual(changes({ nickname: 'Ana', updateMask: { paths: [] } }), { nickname: 'Ana' });
});

test('a mask decides alone', () => {
  const request = { nickname: 'Ana', settings, interests: ['go'] };
  assert.deepEqual(changes({ ...request, updateMask: { paths: ['settings'] } }), columns);
  assert.deepEqual(changes({ updateMask: { paths: ['interests'] } }), { interests: [] });
});

test('a mask that names what cannot be changed is refused', () => {
  for (const path of ['status', 'user_id', 'settings.locale', 'constructor', '*', '']) {
    refusedAt('/updateMask', { nickname: 'Ana', updateMask: { paths: [path] } });
  }
});

test('a member that cannot be cleared must be there when the mask names it', () => {
  refusedAt('/nickname', { updateMask: { paths: ['nickname'] } });
  refusedAt('/settings', { updateMask: { paths: ['settings'] } });
});
