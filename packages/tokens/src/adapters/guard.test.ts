import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  brokenVerifier,
  expired,
  good,
  keylessVerifier,
  moderator,
  serviceToken,
  serviceVerifier,
  verifier,
} from '../test-support/bearer.ts';
import { accessClaims } from '../test-support/forge.ts';
import { ANY_PRINCIPAL, checkedDemand } from './demand.ts';
import { Guard } from './guard.ts';
import { principalOf } from './principal.ts';
import type { Refusal } from './refusal.ts';

const request = (token: string) => ({ key: {}, authorization: () => [`Bearer ${token}`] });

test('a principal has subject, scopes, roles and the typed claims, and is frozen', async () => {
  const guard = new Guard({ verifier });
  const asked = request(good);
  assert.equal(await guard.refuse(asked, ANY_PRINCIPAL), undefined);
  const principal = guard.principal(asked.key);
  assert.equal(principal.subject, accessClaims.sub);
  assert.deepEqual(principal.scopes, ['board:read', 'board:write']);
  assert.deepEqual(principal.roles, ['member']);
  assert.equal(principal.claims.sid, accessClaims.sid);
  for (const part of [principal, principal.scopes, principal.roles, principal.claims]) {
    assert.ok(Object.isFrozen(part));
  }
});

test('a service token gives a principal without roles', async () => {
  const guard = new Guard({ verifier: serviceVerifier });
  const asked = request(serviceToken);
  assert.equal(await guard.refuse(asked, ANY_PRINCIPAL), undefined);
  assert.deepEqual(guard.principal(asked.key).roles, []);
  assert.deepEqual(guard.principal(asked.key).scopes, ['extension:read']);
});

test('scopes and roles of a form that was not checked count for nothing', () => {
  for (const roles of ['admin', { 0: 'admin' }, [['admin']], ['admin', 7], null, undefined]) {
    assert.deepEqual(principalOf({ sub: 'a', roles }).roles, []);
  }
  for (const scope of [['admin'], '', null, 7, undefined]) {
    assert.deepEqual(principalOf({ sub: 'a', scope }).scopes, []);
  }
});

test('a request that was refused, or never asked about, has no principal', async () => {
  const guard = new Guard({ verifier });
  const asked = request(expired);
  assert.equal((await guard.refuse(asked, ANY_PRINCIPAL))?.code, 'invalid_token');
  assert.throws(() => guard.principal(asked.key), /has not passed/);
  assert.throws(() => guard.principal({}), /has not passed/);
});

test('all scopes are needed, and the challenge names them', async () => {
  const guard = new Guard({ verifier });
  const demand = checkedDemand({ scopes: ['board:read', 'board:delete'] });
  const refusal = await guard.refuse(request(good), demand);
  assert.equal(refusal?.statusCode, 403);
  assert.deepEqual(refusal?.headers, {
    'www-authenticate': 'Bearer error="insufficient_scope", scope="board:read board:delete"',
  });
  const met = checkedDemand({ scopes: ['board:read', 'board:write'] });
  assert.equal(await guard.refuse(request(good), met), undefined);
});

test('one of the roles is enough, beside the scopes', async () => {
  const guard = new Guard({ verifier });
  const demand = checkedDemand({ scopes: ['board:read'], roles: ['moderator', 'admin'] });
  assert.equal(await guard.refuse(request(moderator), demand), undefined);
  const refusal = await guard.refuse(request(good), demand);
  assert.equal(refusal?.code, 'insufficient_role');
  assert.deepEqual(refusal?.headers, {});
});

test('a requirement that everybody or nobody meets is rejected when the route is created', () => {
  const demands = [
    {},
    { scopes: [] },
    { roles: [] },
    { scopes: ['a b'] },
    { scopes: [''] },
    { scopes: ['a"b'] },
    { roles: ['a b'] },
  ];
  for (const demand of demands) assert.throws(() => checkedDemand(demand), TypeError);
});

test('missing keys are unavailable, never unauthenticated', async () => {
  const refusal = await new Guard({ verifier: keylessVerifier }).refuse(
    request(good),
    ANY_PRINCIPAL,
  );
  assert.equal(refusal?.statusCode, 503);
  assert.deepEqual(refusal?.headers, { 'retry-after': '1' });
});

test('a fault of the verifier is a fault, not a refusal', async () => {
  const guard = new Guard({ verifier: brokenVerifier });
  await assert.rejects(guard.refuse(request(good), ANY_PRINCIPAL), /secret-detail/);
});

test('a request is verified once, however many guards ask', async () => {
  let calls = 0;
  const counting = {
    verifyCached: () => undefined,
    verify: (token: string) => {
      calls++;
      return verifier.verify(token);
    },
  };
  const guard = new Guard({ verifier: counting });
  const asked = request(good);
  await guard.refuse(asked, ANY_PRINCIPAL);
  await guard.refuse(asked, checkedDemand({ scopes: ['board:read'] }));
  assert.equal(calls, 1);
});

test('whoever watches refusals learns the cause, and cannot break the answer', async () => {
  const seen: Refusal[] = [];
  const guard = new Guard({
    verifier,
    onRefused: (refusal) => {
      seen.push(refusal);
      throw new Error('the log is full');
    },
  });
  const refusal = await guard.refuse(request(expired), ANY_PRINCIPAL);
  assert.equal(refusal?.code, 'invalid_token');
  assert.deepEqual(seen, [refusal]);
  assert.match(String(seen[0]?.cause), /expired/);
});

test('neither the answer nor what is logged holds the token or the cause', async () => {
  const refusal = await new Guard({ verifier }).refuse(request(expired), ANY_PRINCIPAL);
  assert.ok(refusal);
  const problem = refusal.toProblem();
  assert.deepEqual(problem, {
    type: 'urn:gatehouse:error:bearer.invalid_token',
    title: 'Unauthenticated',
    status: 401,
    code: 'bearer.invalid_token',
    detail: 'the token is not valid here',
  });
  const shown = `${JSON.stringify(problem)}${refusal.stack}${String(refusal.cause)}`;
  for (const part of expired.split('.')) assert.ok(!shown.includes(part));
});
