/**
 * What goes in comes out: requests and answers of random size, framing and pace, each hashed at both ends.
 * The other side of the comparison is node's own client and server, which know nothing of ours.
 */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, test } from 'node:test';
import { HASHED_REQUESTS } from './support/config.ts';
import { chooseExchange, exchange } from './support/exchange.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { AUDIENCE, type Issuer, startIssuer } from './support/issuer.ts';
import { ROOT, type Started, startNode } from './support/process.ts';

const AT_A_TIME = 64;

let issuer: Issuer;
let upstream: Started;
let gateway: Gateway;

before(async () => {
  issuer = await startIssuer();
  upstream = await startNode([`${ROOT}/tests/gateway/support/hash-upstream.ts`]);
  gateway = await startGateway({
    issuers: [{ issuer: issuer.url, audience: AUDIENCE }],
    upstreams: { hashes: { addresses: [`127.0.0.1:${upstream.firstLine}`], keep_alive: '2s' } },
    routes: [
      {
        name: 'hashed',
        path: '/hashed/{rest=**}',
        methods: ['GET', 'POST', 'PUT'],
        rule: { subject: 'SIGNED_IN', scopes: ['items:read'] },
        upstream: 'hashes',
      },
    ],
  });
});
after(async () => {
  await gateway.stop();
  await upstream.stop();
  await issuer.close();
});

test(`${HASHED_REQUESTS} bodies each way arrive as they were sent`, {
  timeout: 3_600_000,
}, async (t) => {
  const first = Math.floor(Math.random() * 2 ** 30);
  t.diagnostic(`seeds ${first} to ${first + HASHED_REQUESTS - 1}`);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  const tokens = Array.from({ length: 100 }, () => issuer.token());
  const faults: string[] = [];
  const begunMs = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < HASHED_REQUESTS && faults.length < 20) {
      const seed = first + next;
      const token = tokens[next % tokens.length] ?? '';
      next += 1;
      const way = { agent, port: gateway.port, path: `/hashed/${seed}`, token };
      const { fault } = await exchange(way, chooseExchange(seed));
      if (fault !== undefined) {
        faults.push(`seed ${seed}: ${fault}: ${JSON.stringify(chooseExchange(seed))}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  agent.destroy();
  const seconds = (performance.now() - begunMs) / 1000;
  t.diagnostic(`${Math.round(next / seconds)} a second for ${Math.round(seconds)} s`);
  assert.deepEqual(faults, []);
  assert.equal(next, HASHED_REQUESTS);
});
