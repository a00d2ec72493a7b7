import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { generateSigningKey, type KeySetEvent, systemClock, toPublicJwk } from '@gatehouse/tokens';
import type { IssuerSettings } from '../file/read-issuers.ts';
import { createIssuers } from './issuers.ts';

const key = generateSigningKey('ES256');

/** An issuer over HTTP, and how often its keys were asked for. */
async function issuer(t: TestContext) {
  let fetched = 0;
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    response.setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
    } else {
      fetched += 1;
      response.end(JSON.stringify({ keys: [toPublicJwk(key)] }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetched: () => fetched,
  };
}

function settings(name: string, keys: IssuerSettings['keys'], audience = 'shop'): IssuerSettings {
  return {
    ...{ issuer: name, audience, keys, tokenTypes: ['JWT'], require: {}, scopeClaims: [] },
    ...{ rolesClaims: [], subjectPrefix: '', authLevels: new Map(), maxAgeMs: undefined },
    scopes: undefined,
  };
}

function taking(t: TestContext) {
  const events: KeySetEvent['type'][] = [];
  const issuers = createIssuers(systemClock, (_issuer, { type }) => events.push(type));
  t.after(() => issuers.close());
  return { ...issuers, events };
}

test('keys are there when the issuer is taken: by discovery, and by an address', async (t) => {
  const { url } = await issuer(t);
  for (const keys of [{ kind: 'discovery' }, { kind: 'url', url: `${url}/keys` }] as const) {
    const issuers = taking(t);
    const [taken] = await issuers.take([settings(url, keys)]);
    assert.ok(taken?.keys.find(key.kid));
    assert.deepEqual(issuers.without(), []);
  }
});

test('an unreachable issuer is accepted all the same, and reported until its keys arrive', async (t) => {
  const issuers = taking(t);
  const away = settings('http://127.0.0.1:9', { kind: 'discovery' });
  const taken = await issuers.take([away]);
  assert.equal(taken.length, 1);
  assert.deepEqual(issuers.without(), ['http://127.0.0.1:9']);
  assert.deepEqual(issuers.events, ['failed']);
});

test('a reload that leaves an issuer as it is keeps its keys; one that goes is ended', async (t) => {
  const { url, fetched } = await issuer(t);
  const issuers = taking(t);
  const from = { kind: 'discovery' } as const;
  const [first] = await issuers.take([settings(url, from)]);
  const [again] = await issuers.take([settings(url, from, 'another audience')]);
  assert.equal(again?.keys, first?.keys);
  assert.equal(fetched(), 1);
  await issuers.take([settings(url, { kind: 'url', url: `${url}/keys` })]);
  issuers.forgetOthers();
  const [back] = await issuers.take([settings(url, from)]);
  assert.notEqual(back?.keys, first?.keys);
  assert.equal(fetched(), 3);
});
