import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rsaKey } from '../test-support/forge.ts';
import { rsaJwk } from '../test-support/key-server.ts';
import { createDiscoveredKeySet } from './discovery.ts';
import type { FetchedDocument } from './fetch-document.ts';
import type { KeySetEvent } from './remote.ts';

const ISSUER = 'https://login.example/tenant';
const OPENID = `${ISSUER}/.well-known/openid-configuration`;
const OAUTH = 'https://login.example/.well-known/oauth-authorization-server/tenant';
const JWKS = 'https://keys.example/jwks';

function json(value: unknown, change: Partial<FetchedDocument> = {}): FetchedDocument {
  const body = Buffer.from(JSON.stringify(value));
  return { status: 200, contentType: 'application/json', body, ...change };
}

/** Discovers at a server that has these documents, and nothing else. */
async function discover(t: TestContext, pages: Record<string, FetchedDocument>, issuer = ISSUER) {
  const asked: string[] = [];
  const events: KeySetEvent[] = [];
  const keySet = createDiscoveredKeySet({
    issuer,
    fetchDocument: async (url) => {
      asked.push(url.href);
      return pages[url.href] ?? json({}, { status: 404 });
    },
    onEvent: (event) => events.push(event),
  });
  t.after(() => keySet.close());
  await keySet.start();
  return { keySet, asked, events };
}

test('the keys of an issuer are found by OpenID Connect Discovery', async (t) => {
  const pages = {
    [OPENID]: json({ issuer: ISSUER, jwks_uri: JWKS }),
    [JWKS]: json({ keys: [rsaJwk] }),
  };
  const { keySet, asked } = await discover(t, pages);
  assert.ok(keySet.find(rsaKey.kid));
  assert.deepEqual(asked, [OPENID, JWKS]);
});

test('where there is none, by RFC 8414, whose path goes after the well-known part', async (t) => {
  const pages = {
    [OAUTH]: json({ issuer: ISSUER, jwks_uri: JWKS }),
    [JWKS]: json({ keys: [rsaJwk] }),
  };
  const { keySet, asked } = await discover(t, pages);
  assert.ok(keySet.ready);
  assert.deepEqual(asked, [OPENID, OAUTH, JWKS]);
});

test('an issuer that ends in a slash is asked without a second one, and must be named with it', async (t) => {
  const page = (issuer: string) => ({
    [OPENID]: json({ issuer, jwks_uri: JWKS }),
    [JWKS]: json({ keys: [rsaJwk] }),
  });
  assert.ok((await discover(t, page(`${ISSUER}/`), `${ISSUER}/`)).keySet.ready);
  assert.equal((await discover(t, page(ISSUER), `${ISSUER}/`)).keySet.ready, false);
});

test('metadata that names another issuer gives no key, however alike', async (t) => {
  for (const issuer of [
    `${ISSUER}/`,
    ISSUER.toUpperCase(),
    'https://evil.example',
    [ISSUER],
    null,
    undefined,
  ]) {
    const pages = { [OPENID]: json({ issuer, jwks_uri: JWKS }), [JWKS]: json({ keys: [rsaJwk] }) };
    const { keySet, asked, events } = await discover(t, pages);
    assert.equal(keySet.ready, false);
    assert.deepEqual(asked, [OPENID]);
    assert.match(String(events[0]?.type === 'failed' && events[0].error.message), /another issuer/);
  }
});

test('a jwks_uri that is no https address is not fetched', async (t) => {
  for (const uri of [
    'http://keys.example/jwks',
    'file:///etc/passwd',
    'https://a:b@keys.example/',
    '/jwks',
    7,
  ]) {
    const { keySet, asked } = await discover(t, {
      [OPENID]: json({ issuer: ISSUER, jwks_uri: uri }),
    });
    assert.equal(keySet.ready, false);
    assert.deepEqual(asked, [OPENID], String(uri));
  }
});

test('metadata that is large, of another type, broken or an error gives no key', async (t) => {
  const good = { issuer: ISSUER, jwks_uri: JWKS };
  for (const page of [
    json(good, { status: 500 }),
    json(good, { contentType: 'text/html' }),
    json(good, { body: Buffer.from('{') }),
    json(good, {
      body: Buffer.from(`{"issuer":"${ISSUER}","issuer":"${ISSUER}","jwks_uri":"${JWKS}"}`),
    }),
    json(good, { body: Buffer.alloc(256 * 1024 + 1, ' ') }),
  ]) {
    const { keySet, asked } = await discover(t, {
      [OPENID]: page,
      [JWKS]: json({ keys: [rsaJwk] }),
    });
    assert.equal(keySet.ready, false);
    assert.deepEqual(asked, [OPENID]);
  }
});

test('an issuer is an https address without query and fragment', () => {
  for (const issuer of [
    'http://login.example',
    'login.example',
    `${ISSUER}?a=b`,
    `${ISSUER}#a`,
    `${ISSUER}?`,
    'https://a:b@login.example',
  ])
    assert.throws(() => createDiscoveredKeySet({ issuer }), TypeError, issuer);
});
