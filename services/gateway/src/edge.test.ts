/** What the stages do together where a real service would be hard to bring to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/errors';
import { createTestClock, createTestIssuer } from '@gatehouse/testing';
import { createAccessTokenVerifier, generateSigningKey } from '@gatehouse/tokens';
import { createEdge } from './edge.ts';
import type { ForwardedCall } from './forward/forwarder.ts';
import { createPageTable } from './pages/page-table.ts';
import { createFailureLimit } from './identify/failure-limit.ts';
import { createSharedPassports } from './mint/shared-passports.ts';
import { trustedProxies } from './receive/client-address.ts';
import type { Incoming } from './receive/seam.ts';
import { createRouteTable } from './routes/route-table.ts';
import { failureOf, problemAnswer } from './transcode/problem.ts';

const clock = createTestClock();
const issuer = createTestIssuer({ clock });
const keys = issuer.accessKeys;
const signer = generateSigningKey('ES256');
const refusal = new GatehouseError({
  kind: 'UNAUTHENTICATED',
  code: 'access.passport_invalid',
  message: 'The passport of this call is not valid.',
});

function edge(
  forward: (call: ForwardedCall) => Promise<Uint8Array>,
  revoked: { sid?: string } = {},
) {
  return createEdge({
    observer: {
      observe: (verb, work) =>
        work({ traceId: '', verb, address: '' }).catch((thrown: unknown) =>
          problemAnswer(failureOf(thrown)),
        ),
      wireFault: () => assert.fail(),
    },
    proxies: trustedProxies([]),
    routes: createRouteTable(METHODS),
    pages: createPageTable({ methods: createRouteTable(METHODS).methods, traceView: undefined }),
    identifying: {
      verifier: createAccessTokenVerifier({
        issuer: 'http://127.0.0.1:8091',
        audience: 'https://edge.gatehouse.local',
        keys,
        revocations: { isRevoked: ({ sid }) => sid === revoked.sid },
        clock,
      }),
      failures: createFailureLimit(),
      feed: { ready: true, ageMs: () => 0 },
    },
    minting: {
      key: { signer: () => signer },
      shared: createSharedPassports({ clock }),
      identity: 'spiffe://gatehouse.local/gateway',
      trustDomain: 'gatehouse.local',
      clock,
    },
    newsStale: () => false,
    forwarder: { forward, close: () => Promise.resolve() },
  });
}

function incoming(line: string, overrides: Partial<Incoming> & { token?: string } = {}): Incoming {
  const [method = '', target = ''] = line.split(' ');
  const { token, ...rest } = overrides;
  const bearer = token === undefined ? [] : ['Authorization', `Bearer ${token}`];
  return {
    method,
    target,
    httpVersion: '1.1',
    rawHeaders: ['Host', 'edge', ...bearer],
    peerAddress: '192.0.2.1',
    signal: new AbortController().signal,
    readBody: () => Promise.resolve(new Uint8Array()),
    ...rest,
  };
}

test('a passport that a service refuses is our fault while the token is good, and the token’s after', async () => {
  const revoked: { sid?: string } = {};
  const handle = edge(() => Promise.reject(refusal), revoked);
  const token = issuer.accessToken({ scope: 'board:read', sid: 'ses_1' });
  const request = incoming('GET /board/v1/posts/p1', { token });
  assert.equal((await handle(request)).status, 503);
  const meanwhile = edge(() => {
    revoked.sid = 'ses_1';
    return Promise.reject(refusal);
  }, revoked);
  const answer = await meanwhile(request);
  assert.equal(answer.status, 401);
  assert.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"');
  assert.equal((await handle(incoming('POST /auth/v1/login'))).status, 503);
});

test('nothing is read, minted or forwarded for who may not', async () => {
  const handle = edge(() => assert.fail('was forwarded'));
  const unread = { readBody: () => assert.fail('was read') };
  const token = issuer.accessToken({ scope: 'board:read' });
  assert.equal((await handle(incoming('POST /board/v1/posts', unread))).status, 401);
  assert.equal((await handle(incoming('POST /board/v1/posts', { ...unread, token }))).status, 403);
  assert.equal((await handle(incoming('POST /nowhere', unread))).status, 404);
});

test('a body where none is taken is refused', async () => {
  const handle = edge(() => assert.fail('was forwarded'));
  const rawHeaders = ['Host', 'edge', 'Content-Length', '2'];
  const answer = await handle(incoming('DELETE /board/v1/posts/p1', { rawHeaders }));
  assert.equal(
    JSON.parse(Buffer.from(answer.body ?? []).toString()).code,
    'gateway.body_unexpected',
  );
});

test('a request whose peer is gone goes nowhere', async () => {
  const handle = edge(() => assert.fail('was forwarded'));
  assert.equal((await handle(incoming('GET /board/v1/posts', { peerAddress: '' }))).status, 499);
});

test('a service sees the message, the passport and the end of the client, and nothing else', async () => {
  let seen: ForwardedCall | undefined;
  const handle = edge((call) => {
    seen = call;
    return Promise.resolve(new Uint8Array());
  });
  const token = issuer.accessToken({ scope: 'board:read' });
  const request = incoming('GET /board/v1/posts/p1', { token });
  assert.equal((await handle(request)).status, 200);
  assert.deepEqual(Object.keys(seen ?? {}), ['method', 'message', 'passport', 'signal']);
  assert.ok(!seen?.passport.includes(token));
  assert.equal(seen?.signal, request.signal);
});
