/** What the stages do together where a real service would be hard to bring to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/errors';
import type { ForwardedCall } from '../forward/grpc/forwarder.ts';
import { createRequestLimit } from '../limit/request-limit.ts';
import { trustedProxies } from '../receive/client-address.ts';
import { createCors } from '../receive/cors.ts';
import type { Incoming } from '../receive/seam.ts';
import { ask } from '../test-support/ask.ts';
import { testIncoming } from '../test-support/incoming.ts';
import { issuer, type Revoked, testPipeline } from '../test-support/pipeline.ts';
import type { PipelineParts } from './parts.ts';

const refusal = new GatehouseError({
  kind: 'UNAUTHENTICATED',
  code: 'access.passport_invalid',
  message: 'The passport of this call is not valid.',
});

function edge(
  forward: (call: ForwardedCall) => Promise<Uint8Array>,
  revoked: Revoked = {},
  parts: Partial<PipelineParts> = {},
) {
  const { handle, live } = testPipeline({ forward, revoked, parts });
  live.close();
  return (request: Incoming) => ask(handle, request);
}

function incoming(line: string, overrides: Partial<Incoming> & { token?: string } = {}): Incoming {
  const [method = '', target = ''] = line.split(' ');
  const { token, ...rest } = overrides;
  const bearer = token === undefined ? [] : ['Authorization', `Bearer ${token}`];
  return testIncoming({ method, target, rawHeaders: ['Host', 'edge', ...bearer], ...rest });
}

test('a passport that a service refuses is our fault while the token is good, and the token’s after', async () => {
  const revoked: Revoked = {};
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

test('regression: a service that heard of a revocation before the gateway made it answer 503', async () => {
  const revoked = new GatehouseError({
    kind: 'UNAUTHENTICATED',
    code: 'access.passport_revoked',
    message: 'The access behind the passport of this call was revoked.',
  });
  const handle = edge(() => Promise.reject(revoked));
  const token = issuer.accessToken({ scope: 'board:read' });
  const answer = await handle(incoming('GET /board/v1/posts/p1', { token }));
  assert.equal(answer.status, 401);
  assert.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"');
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

test('an address over its limit is refused before anything else, in a way that a page can read', async () => {
  const handle = edge(() => assert.fail('was forwarded'), undefined, {
    limit: createRequestLimit({ perSecond: 1, burst: 0 }),
    cors: createCors(['https://app.example']),
  });
  const rawHeaders = ['Origin', 'https://app.example'];
  for (let i = 0; ; i += 1) {
    assert.ok(i < 1000, 'was never refused');
    const answer = await handle(incoming('GET //nonsense', { rawHeaders }));
    assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example');
    if (answer.status === 400) continue;
    assert.equal(answer.status, 429);
    assert.equal(answer.headers['retry-after'], '1');
    assert.match(answer.headers.ratelimit ?? '', /r=0/);
    break;
  }
  const elsewhere = incoming('GET //nonsense', { rawHeaders, peerAddress: '192.0.2.2' });
  assert.equal((await handle(elsewhere)).status, 400);
});

test('behind a trusted proxy, the limit is of the client that it names', async () => {
  const addresses: string[] = [];
  const handle = edge(() => assert.fail('was forwarded'), undefined, {
    proxies: trustedProxies(['192.0.2.1']),
    limit: {
      take: (address) => {
        addresses.push(address);
        return {};
      },
    },
  });
  await handle(incoming('GET /', { rawHeaders: ['X-Forwarded-For', '203.0.113.7'] }));
  const untrusted = { rawHeaders: ['X-Forwarded-For', '203.0.113.7'], peerAddress: '192.0.2.9' };
  await handle(incoming('GET /', untrusted));
  assert.deepEqual(addresses, ['203.0.113.7', '192.0.2.9']);
});

test('a preflight is answered by the path that it is about', async () => {
  const handle = edge(() => assert.fail('was forwarded'), undefined, {
    cors: createCors(['https://app.example']),
  });
  const rawHeaders = [
    ...['Host', 'edge', 'Origin', 'https://app.example'],
    ...['Access-Control-Request-Method', 'PATCH'],
  ];
  const answer = await handle(incoming('OPTIONS /board/v1/posts/p1', { rawHeaders }));
  assert.equal(answer.status, 204);
  assert.match(answer.headers['access-control-allow-methods'] ?? '', /PATCH/);
  assert.equal((await handle(incoming('OPTIONS /nowhere', { rawHeaders }))).status, 404);
});
