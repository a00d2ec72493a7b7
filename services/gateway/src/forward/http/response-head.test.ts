import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseHead } from './response-head.ts';

const NO_EDITS = { set: new Map<string, string>(), remove: new Set<string>() };
const MARKS = { record: { traceId: 't' }, quota: { ratelimit: 'ours' }, cors: {} };

test('a response keeps its own headers, and says nothing in our name', () => {
  const sent = [
    ...['Server', 'app', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Request-Id', 'theirs'],
    ...['Txn-Token', 'x', 'txn_token', 'x', 'RateLimit', 'theirs', 'Content-Security-Policy', 'p'],
    ...['Access-Control-Allow-Origin', '*', 'Alt-Svc', 'h3=":443"'],
  ];
  assert.deepEqual(responseHead(sent, NO_EDITS, MARKS), [
    ...['server', 'app', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'content-security-policy', 'p'],
    ...['access-control-allow-origin', '*', 'ratelimit', 'ours', 'x-request-id', 't'],
  ]);
});

test('edits take away and set', () => {
  const edits = { set: new Map([['x-a', 'ours']]), remove: new Set(['server']) };
  const head = responseHead(['Server', 'app', 'X-A', 'theirs', 'x-a', 'b'], edits, {
    ...MARKS,
    quota: {},
  });
  assert.deepEqual(head, ['x-a', 'ours', 'x-request-id', 't']);
});

test('where the gateway has origins, the upstream does not say who may read', () => {
  const cors = { vary: 'origin', 'access-control-allow-origin': 'https://a.example' };
  const sent = ['Access-Control-Allow-Origin', '*', 'Vary', 'accept'];
  assert.deepEqual(responseHead(sent, NO_EDITS, { ...MARKS, quota: {}, cors }), [
    ...['vary', 'accept', 'vary', 'origin', 'access-control-allow-origin', 'https://a.example'],
    ...['x-request-id', 't'],
  ]);
});
