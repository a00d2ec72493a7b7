import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS } from '@gatehouse/contracts';
import type { AccessTokenClaims } from '@gatehouse/tokens';
import { createRouteTable } from '../route/route-table.ts';
import { authorise } from './authorise.ts';

const record: { decision: string | undefined } = { decision: undefined };
const parts = {
  identity: 'spiffe://gatehouse.local/gateway',
  trustDomain: 'gatehouse.local',
  isStale: () => false,
};

function method(name: string) {
  const found = createRouteTable(METHODS).methods.find(({ desc }) => desc.name === name);
  assert.ok(found);
  return found;
}

function person(
  scope: string,
  roles: readonly string[] = ['member'],
): { claims: AccessTokenClaims } {
  const ids = { iss: 'i', aud: 'a', sub: 'usr_1', client_id: 'c', sid: 's', sv: 1, jti: 'j' };
  return { claims: { ...ids, scope, roles, iat: 1, exp: 2 } };
}

test('who meets the rule is admitted, with the subject of the token', () => {
  assert.equal(
    authorise(parts, { route: method('GetPost'), identity: person('board:read') }, record).id,
    'usr_1',
  );
  assert.equal(
    authorise(parts, { route: method('Login'), identity: {} }, record).kind,
    'anonymous',
  );
  assert.equal(record.decision, 'allow');
});

test('nobody at a method for those signed in: 401', () => {
  assert.throws(() => authorise(parts, { route: method('GetPost'), identity: {} }, record), {
    code: 'access.not_signed_in',
  });
  assert.equal(record.decision, 'not_signed_in');
});

test('a missing scope is named in the challenge', () => {
  assert.throws(
    () => authorise(parts, { route: method('CreatePost'), identity: person('board:read') }, record),
    {
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="board:write"' },
    },
  );
});

test('a missing role is 403, a stale feed 503 where the method asks for fresh ones', () => {
  const setRoles = method('SetRoles');
  const admin = person('account:admin', ['admin']);
  assert.throws(
    () => authorise(parts, { route: setRoles, identity: person('account:admin') }, record),
    { code: 'access.role' },
  );
  assert.throws(
    () =>
      authorise({ ...parts, isStale: () => true }, { route: setRoles, identity: admin }, record),
    {
      code: 'access.stale',
    },
  );
  assert.equal(authorise(parts, { route: setRoles, identity: admin }, record).kind, 'person');
});

test('a workload that is not among the callers gets nothing', () => {
  const stranger = { ...parts, identity: 'spiffe://gatehouse.local/stranger' };
  assert.throws(
    () => authorise(stranger, { route: method('GetPost'), identity: person('board:read') }, record),
    {
      code: 'access.caller',
    },
  );
});
