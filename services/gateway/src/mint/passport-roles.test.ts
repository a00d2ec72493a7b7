import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpRoute } from '../test-support/http-route.ts';
import { passportRoles } from './passport-roles.ts';

const rule = { ...httpRoute().rule, roles: ['admin', 'owner'] };
const many = Array.from({ length: 200 }, (_, index) => `group-${index}`);

test('a passport has the roles of the token, while there is room', () => {
  assert.deepEqual(passportRoles(rule, ['member', 'admin']), ['admin', 'member']);
  const kept = passportRoles(rule, [...many, 'admin']);
  assert.equal(kept.length, 64);
  assert.deepEqual(kept.slice(0, 2), ['admin', 'group-0']);
});

test('never more than 2 kB of them', () => {
  const long = many.map((role) => role.padEnd(250, 'x'));
  assert.equal(passportRoles(rule, long).length, 8);
});
