import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRule } from '@gatehouse/contracts';
import type { AccessTokenClaims, PassportClaims } from '@gatehouse/tokens';
import { passportScopes, subjectOfAccessToken, subjectOfPassport } from './subject.ts';

const PASSPORT: PassportClaims = {
  iss: 'spiffe://gatehouse.local/gateway',
  aud: 'gatehouse.local',
  txn: 'txn_1',
  jti: 'jti_1',
  sub: 'usr_1',
  scope: 'board:read board:write',
  roles: ['moderator'],
  rctx: { authn: 2 },
  tctx: { method: 'gatehouse.board.v1.BoardService/GetPost' },
  req_wl: 'spiffe://gatehouse.local/gateway',
  iat: 1,
  exp: 61,
};

const ACCESS_TOKEN: AccessTokenClaims = {
  iss: 'https://auth.example',
  aud: 'https://edge.example',
  sub: 'usr_1',
  client_id: 'web',
  scope: 'board:read',
  roles: ['member'],
  sid: 'ses_1',
  sv: 1,
  jti: 'jti_1',
  iat: 1,
  exp: 61,
};

test('a passport speaks for a person, an anonymous request or a workload', () => {
  assert.deepEqual(subjectOfPassport(PASSPORT), {
    kind: 'person',
    id: 'usr_1',
    scopes: ['board:read', 'board:write'],
    roles: ['moderator'],
    authLevel: 2,
  });
  const workload = subjectOfPassport({ ...PASSPORT, sub: 'spiffe://gatehouse.local/auth' });
  assert.deepEqual([workload.kind, workload.id], ['workload', 'spiffe://gatehouse.local/auth']);
  const anonymous = subjectOfPassport({ ...PASSPORT, sub: 'anonymous:txn_1' });
  assert.deepEqual(
    [anonymous.kind, anonymous.method],
    ['anonymous', 'gatehouse.board.v1.BoardService/GetPost'],
  );
});

test('an anonymous passport brings neither scopes nor roles nor a level', () => {
  const { scopes, roles, authLevel } = subjectOfPassport({ ...PASSPORT, sub: 'anonymous:txn_1' });
  assert.deepEqual([scopes, roles, authLevel], [[], [], 0]);
});

test('no passport, an unknown kind, and the anonymous of another transaction are nobody', () => {
  for (const sub of [undefined, 'client_1', '', 'USR_1', 'anonymous:txn_2', 'anonymous:']) {
    const claims = sub === undefined ? undefined : { ...PASSPORT, sub };
    assert.equal(subjectOfPassport(claims).kind, 'none', sub);
  }
});

test('what a passport does not say counts as nothing', () => {
  const { roles: _, ...rest } = PASSPORT;
  const subject = subjectOfPassport({ ...rest, rctx: {}, scope: '' });
  assert.deepEqual([subject.roles, subject.scopes, subject.authLevel], [[], [], 0]);
});

test('an access token speaks for a person; none is anonymous, bound to no method yet', () => {
  const person = subjectOfAccessToken({ ...ACCESS_TOKEN, auth_level: 1 });
  assert.deepEqual([person.kind, person.authLevel, person.roles], ['person', 1, ['member']]);
  const anonymous = subjectOfAccessToken(undefined);
  assert.deepEqual([anonymous.kind, anonymous.method], ['anonymous', undefined]);
  assert.equal(subjectOfAccessToken({ ...ACCESS_TOKEN, sub: 'client_1' }).kind, 'none');
});

test('a passport gets what the token has of what the method asks for and carries', () => {
  const rule = { scopes: ['a', 'b'], carries: ['c'] } as unknown as AccessRule;
  const scopesFor = (scope: string) =>
    passportScopes(rule, subjectOfAccessToken({ ...ACCESS_TOKEN, scope }));
  assert.equal(scopesFor('d c b a e'), 'c b a');
  assert.equal(scopesFor('a a'), 'a');
  assert.equal(scopesFor('d'), '');
  assert.equal(passportScopes(rule, subjectOfAccessToken(undefined)), '');
});
