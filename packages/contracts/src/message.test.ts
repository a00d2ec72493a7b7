import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { PostSchema } from './gen/gatehouse/board/v1/board_pb.ts';
import { ListMyAssetHistoryResponseSchema } from './gen/gatehouse/core/v1/core_pb.ts';
import { SettingsSchema, User_Status, UserSchema } from './gen/gatehouse/user/v1/user_pb.ts';
import { messageOf } from './message.ts';

const AT = new Date('2026-11-26T03:00:00.123Z');

test('a column fills the field of its name; others are left out, and NULL leaves it unset', () => {
  const row = {
    post_id: 'pst_1',
    title: 'T',
    body: null,
    created_at: AT,
    secret: 'x',
    postId: 'y',
  };
  assert.deepEqual(
    messageOf(PostSchema, row),
    create(PostSchema, { postId: 'pst_1', title: 'T', createdAt: timestampFromDate(AT) }),
  );
});

test('a status is the value of its name, and one that the contract has not fails by name', () => {
  assert.equal(messageOf(UserSchema, { status: 'ACTIVE' }).status, User_Status.ACTIVE);
  assert.equal(messageOf(UserSchema, { status: 2 }).status, User_Status.ACTIVE);
  assert.throws(
    () => messageOf(UserSchema, { status: 'GONE' }),
    /gatehouse\.user\.v1\.User\.Status has no value "GONE"/,
  );
});

test('a message within is filled alike, also in a list, and one that was made already is kept', () => {
  const row = { locale: 'ko', time_zone: 'Asia/Seoul', email_notifications: false };
  const settings = create(SettingsSchema, { locale: 'ko', timeZone: 'Asia/Seoul' });
  assert.deepEqual(messageOf(UserSchema, { settings: row }).settings, settings);
  assert.equal(messageOf(UserSchema, { settings }).settings, settings);
  const points = [{ date: '2026-11-26', original_asset: 7n, multiplier: '1', asset: 7n }];
  const {
    points: [point],
  } = messageOf(ListMyAssetHistoryResponseSchema, { points });
  assert.deepEqual([point?.date, point?.originalAsset], ['2026-11-26', 7n]);
});

test('a list of texts stays as it is', () => {
  assert.deepEqual(messageOf(UserSchema, { interests: ['a', 'b'] }).interests, ['a', 'b']);
});
