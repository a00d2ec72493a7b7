/** A service that is not ours behind both gateways: plain HTTP, by a route of gateway.yaml. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import { createPassportVerifier, createRemoteKeySet, type RemoteKeySet } from '@gatehouse/tokens';
import { passportAuth } from '@gatehouse/tokens/passport';
import { target } from './support/config.ts';
import { type Answer, call, GATEWAYS } from './support/edge.ts';
import { PLAIN_SERVICE_PORT } from './support/gateway-file.ts';
import { logInAs } from './support/people.ts';
import { until } from './support/until.ts';

interface Seen {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly method: string;
  readonly url: string;
}

let keys: RemoteKeySet;
let service: Server;
const port = PLAIN_SERVICE_PORT + target().portOffset;

before(async () => {
  const auth = `http://127.0.0.1:${target().ports.auth?.http}`;
  keys = createRemoteKeySet({ url: `${auth}/.well-known/txn-jwks.json` });
  await keys.start();
  const verifier = createPassportVerifier({ trustDomain: 'gatehouse.local', keys });
  const passports = passportAuth({ verifier });
  service = createServer((request, response) => {
    passports(request, response, (error) => {
      if (error !== undefined) return response.writeHead(500).end();
      const { subject, scopes, claims } = passports.principal(request);
      const body = { subject, scopes, method: claims.tctx.method, url: request.url };
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(body));
    });
  });
  service.listen(port, '127.0.0.1');
  await once(service, 'listening');
});

after(() => {
  keys?.close();
  service?.closeAllConnections();
  service?.close();
});

test('both gateways send it passports that the published keys verify', async () => {
  const { accessToken } = await logInAs('member');
  for (const gateway of GATEWAYS) {
    const answer: Answer<Seen> = await call('GET /plain/a/b?c=1', { token: accessToken, gateway });
    assert.equal(answer.status, 200, answer.text);
    const { subject, scopes, method, url } = answer.body;
    assert.match(subject, /^usr_/);
    assert.deepEqual([scopes, method, url], [['board:read'], 'http:plain', '/a/b?c=1']);
  }
});

test('without a token it is 401 at the edge, and past the edge 403', async () => {
  assert.equal((await call('GET /plain/a')).status, 401);
  assert.equal((await fetch(`http://127.0.0.1:${port}/a`)).status, 403);
});

test('a session that ends at one gateway is out at both, for this service as for ours', async () => {
  const { accessToken, refreshToken } = await logInAs('member');
  assert.equal((await call('GET /plain/a', { token: accessToken, gateway: 1 })).status, 200);
  assert.equal((await call('POST /auth/v1/logout', { body: { refreshToken } })).status, 204);
  await until('the other gateway has heard of it', async () => {
    return (await call('GET /plain/a', { token: accessToken, gateway: 1 })).status === 401;
  });
});
