import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { type Handlers, implement } from './call.ts';

const user: Handlers<typeof UserService> = {
  getMe: () => ({}),
  updateMe: () => ({}),
  createProfile: () => ({}),
  activateUser: () => ({}),
  markSignupFailed: () => ({}),
};

test('a contract with a function for each method is an implementation', () => {
  const { methods } = implement(UserService, user);
  assert.equal(methods.size, UserService.methods.length);
  const method = methods.get('/gatehouse.user.v1.UserService/GetMe');
  assert.equal(method?.contract.rule.subject, 'SIGNED_IN');
});

test('a missing method does not compile, and does not start', () => {
  const { getMe: _getMe, ...rest } = user;
  // @ts-expect-error getMe is missing
  assert.throws(() => implement(UserService, rest), /getMe|GetMe/);
});

test('an answer of another method does not compile', () => {
  // @ts-expect-error a user has no member of this name
  const wrong: Handlers<typeof UserService>['getMe'] = () => ({ accessToken: 'x' });
  // @ts-expect-error a server stream is an async iterable
  const stream: Handlers<typeof AuthService>['watchAccessChanges'] = async () => ({});
  assert.equal(typeof wrong, typeof stream);
});
