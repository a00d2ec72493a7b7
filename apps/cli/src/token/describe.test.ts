import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentOf, parseToken, rowsOf } from './describe.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 18, 0, 0);
const NOW = NOW_MS / 1_000;

function compact(header: object, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.c2ln`;
}

test('the kind is told by type and subject', () => {
  const cases = [
    [{ typ: 'at+jwt' }, { sub: 'usr_1' }, 'access token'],
    [{ typ: 'at+jwt' }, { sub: 'core' }, 'service token'],
    [{ typ: 'txntoken+jwt' }, { sub: 'usr_1' }, 'passport'],
    [{ typ: 'JWT' }, { sub: 'usr_1' }, 'unknown token'],
    [{}, {}, 'unknown token'],
  ] as const;
  for (const [header, claims, kind] of cases) {
    assert.equal(parseToken(compact(header, claims))?.kind, kind);
  }
});

test('what is not a JSON object in both parts is not a token', () => {
  for (const token of ['a.b.c', `${compact({}, {}).split('.')[0]}.W10.c`, '..']) {
    assert.equal(parseToken(token), undefined);
  }
});

test('each claim has its meaning, times in words', () => {
  const rows = rowsOf({ sub: 'usr_1', exp: NOW + 90, roles: ['member'], other: 1 }, NOW_MS);
  assert.deepEqual(rows, [
    ['sub', 'subject', 'usr_1'],
    ['exp', 'expires at', '2026-11-20T18:01:30Z, in 1 minute'],
    ['roles', 'roles', '["member"]'],
    ['other', '', '1'],
  ]);
});

test('an impossible time is shown as it is', () => {
  assert.equal(momentOf(NOW - 7_200, NOW_MS), '2026-11-20T16:00:00Z, 2 hours ago');
  assert.equal(momentOf(1e300, NOW_MS), '1e+300 (not a time)');
});
