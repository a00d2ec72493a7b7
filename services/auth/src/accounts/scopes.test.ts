import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRole } from './roles.ts';
import { grantedScope, narrowedScope, scopeOfRoles } from './scopes.ts';

test('only an admin may administer accounts; a moderator has the scopes of a member', () => {
  assert.equal(scopeOfRoles(['moderator']), scopeOfRoles(['member']));
  assert.ok(!scopeOfRoles(['member', 'moderator']).includes('account:admin'));
  assert.equal(scopeOfRoles(['member', 'admin']), `${scopeOfRoles(['member'])} account:admin`);
  assert.equal(scopeOfRoles([]), '');
});

test('an empty wish follows the roles; any other stays as it was, each scope once', () => {
  assert.equal(narrowedScope('', ['member']), undefined);
  assert.equal(narrowedScope('  ', ['member']), undefined);
  assert.equal(
    narrowedScope('user:read  board:read user:read', ['member']),
    'user:read board:read',
  );
});

test('a granted scope never goes beyond what the roles allow now', () => {
  assert.equal(grantedScope(undefined, ['member']), scopeOfRoles(['member']));
  assert.equal(grantedScope('account:admin board:read', ['member']), 'board:read');
  assert.equal(grantedScope('account:admin', ['member']), '');
});

test('a name that every object has is no role', () => {
  assert.ok(isRole('admin'));
  for (const name of ['toString', '__proto__', 'root', '']) assert.ok(!isRole(name), name);
});
