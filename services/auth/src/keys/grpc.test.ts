import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { after, test } from 'node:test';
import { mtlsFetchDocument, TlsFiles } from '@gatehouse/chassis';
import { openDatabase } from '@gatehouse/postgres';
import { createTestClock } from '@gatehouse/testing';
import { generateSigningKey, mintKeyProof } from '@gatehouse/tokens';
import type { AuthTables } from '../database.ts';
import { AUTH, GATEWAY, passports, registerKey, startFleet } from '../test-support/fleet.ts';
import { eventually, ISSUER, SILENT } from '../test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
const [one, two] = await Promise.all([fleet.startAuth(), fleet.startAuth()]);
const INVALID = { code: 'auth.key_proof_invalid', kind: 'INVALID_ARGUMENT' };

const spki = (key = generateSigningKey('ES256')) =>
  key.publicKey.export({ format: 'der', type: 'spki' });

interface KeySet {
  readonly keys: readonly { readonly kid: string; readonly alg: string; readonly iss?: string }[];
}

async function keySetAt(url: string): Promise<KeySet> {
  const response = await fetch(url);
  // What a stranger would find there.
  return (await response.json()) as KeySet;
}

async function get(path: string, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const outgoing = request(`${one.httpUrl}${path}`, { method, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      outgoing.once('error', reject).end();
    },
  );
}

test('replicas that start together on an empty database make one set of keys', async () => {
  const documents = await Promise.all(
    [one, two].map(({ httpUrl }) => keySetAt(`${httpUrl}/.well-known/jwks.json`)),
  );
  assert.deepEqual(documents[0], documents[1]);
  assert.deepEqual(
    documents[0]?.keys.map(({ alg }) => alg),
    ['RS256'],
  );
  assert.ok(!JSON.stringify(documents).includes('"d"'));
});

test('the documents can be cached, and HEAD says the same without a body', async () => {
  for (const name of ['jwks.json', 'txn-jwks.json', 'openid-configuration']) {
    const { status, headers, body } = await get(`/.well-known/${name}`);
    assert.equal(status, 200);
    assert.match(String(headers['cache-control']), /^public, max-age=\d+$/);
    assert.match(String(headers['content-type']), /json/);
    const head = await get(`/.well-known/${name}`, 'HEAD');
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.equal(head.headers['content-length'], String(Buffer.byteLength(body)));
  }
});

test('discovery names the issuer, and only what answers', async () => {
  const found = JSON.parse((await get('/.well-known/openid-configuration')).body);
  assert.deepEqual(found, {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/.well-known/jwks.json`,
    token_endpoint: `${ISSUER}/oauth2/token`,
    token_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'ES256'],
    introspection_endpoint: `${ISSUER}/oauth2/introspect`,
    introspection_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    introspection_endpoint_auth_signing_alg_values_supported: ['RS256', 'ES256'],
    revocation_endpoint: `${ISSUER}/oauth2/revoke`,
    revocation_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'none',
    ],
    revocation_endpoint_auth_signing_alg_values_supported: ['RS256', 'ES256'],
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
  });
});

test('another path is 404 and another method 405, both as problem+json', async () => {
  const missing = await get('/.well-known/other');
  assert.equal(missing.status, 404);
  const wrong = await get('/.well-known/jwks.json?x=1', 'POST');
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.allow, 'GET, HEAD');
  for (const { headers, body, status } of [missing, wrong]) {
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.equal(JSON.parse(body).status, status);
  }
});

test('a request that makes no sense is the client’s fault', async () => {
  const odd = await fetch(`${one.httpUrl}/.well-known/jwks.json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{',
  });
  assert.ok(odd.status >= 400 && odd.status < 500, String(odd.status));
  assert.equal(odd.headers.get('content-type'), 'application/problem+json');
  const unreadable = await get('/%zz');
  assert.equal(unreadable.status, 400);
  assert.equal(unreadable.headers['content-type'], 'application/problem+json');
});

test('the key sets are served over mutual TLS to any workload, and to nobody else', async () => {
  const url = new URL(`https://localhost:${one.keysPort}/.well-known/txn-jwks.json`);
  const fetchAs = async (folder: string) =>
    mtlsFetchDocument(new TlsFiles(folder), AUTH)(url, AbortSignal.timeout(10_000));
  const { status, body } = await fetchAs(await fleet.authority.folderFor('board'));
  assert.equal(status, 200);
  const { keys } = JSON.parse(Buffer.from(body).toString());
  assert.ok(keys.some((jwk: { iss: string }) => jwk.iss === AUTH));
  const foreign = await fleet.authority.issue({
    names: [{ type: 'url', value: 'spiffe://elsewhere.example/board' }],
  });
  assert.equal((await fetchAs(await fleet.authority.folderWith(foreign))).status, 403);
  await assert.rejects(fetch(url));
});

test('a key registered at one replica counts at the other, and is in its key set', async () => {
  const { key } = await registerKey(one.client);
  const { keys } = await keySetAt(`${two.httpUrl}/.well-known/txn-jwks.json`);
  assert.equal(keys.find(({ kid }) => kid === key.kid)?.iss, GATEWAY);
  const { passport } = passports(key).anonymous('Logout');
  await two.client.logout({ refreshToken: 'nothing' }, { passport });
});

test('a proof is good once; a heartbeat is a new proof and no change', async () => {
  const { key, publicKey, proof, answer } = await registerKey(one.client);
  await assert.rejects(one.client.registerPassportKey({ publicKey, proof }), INVALID);
  await assert.rejects(two.client.registerPassportKey({ publicKey, proof }), INVALID);
  const position = await positionNow();
  const again = await registerKey(two.client, key);
  assert.equal(again.answer.kid, answer.kid);
  assert.equal(await positionNow(), position);
});

test('a proof by another key, for another caller or another audience is refused', async () => {
  const key = generateSigningKey('ES256');
  const proofOf = (signer = key, options = {}) =>
    mintKeyProof(signer, { issuer: GATEWAY, audience: AUTH, nowMs: Date.now(), ...options });
  const foreign = [
    proofOf(generateSigningKey('ES256')),
    proofOf(key, { issuer: `spiffe://gatehouse.local/board` }),
    proofOf(key, { audience: GATEWAY }),
    proofOf(key, { nowMs: Date.now() - 3_600_000 }),
    'no proof at all',
  ];
  for (const proof of foreign) {
    await assert.rejects(one.client.registerPassportKey({ publicKey: spki(key), proof }), INVALID);
  }
  await assert.rejects(
    one.client.registerPassportKey({ publicKey: randomBytes(91), proof: proofOf() }),
    INVALID,
  );
});

test('a key that is bound to another identity is not taken over, nor is one of auth’s own', async () => {
  const key = generateSigningKey('ES256');
  const database = openDatabase<AuthTables>({ url: fleet.databaseUrl, name: 'test', log: SILENT });
  const now = new Date();
  const bound = { kid: key.kid, public_spki: spki(key), registered_at: now };
  await database.read
    .insertInto('passport_key')
    .values({ ...bound, issuer: 'spiffe://gatehouse.local/other', lease_expires_at: now })
    .execute();
  const refused = { code: 'auth.key_bound_elsewhere', kind: 'PERMISSION_DENIED' };
  await assert.rejects(registerKey(one.client, key), refused);
  const own = generateSigningKey('ES256');
  await database.read
    .insertInto('signing_key')
    .values({
      kid: own.kid,
      purpose: 'passport',
      alg: 'ES256',
      public_spki: spki(own),
      sealed_private: Buffer.alloc(0),
      created_at: new Date(0),
      signs_from: new Date(0),
    })
    .execute();
  await assert.rejects(registerKey(one.client, own), refused);
  await database.close();
});

test('only a gateway may register', async () => {
  const board = await fleet.clientAs('board', one.service);
  await assert.rejects(registerKey(board), { kind: 'PERMISSION_DENIED' });
});

test('a lease that ran out takes the key from the set, a little later', async () => {
  const clock = createTestClock();
  const three = await fleet.startAuth({}, { clock });
  const { key } = await registerKey(three.client);
  const isPublished = async () => {
    const { keys } = await keySetAt(`${three.httpUrl}/.well-known/txn-jwks.json`);
    return keys.some(({ kid }) => kid === key.kid);
  };
  clock.advance(655_000);
  assert.equal(await isPublished(), true);
  clock.advance(10_000);
  assert.equal(await isPublished(), false);
});

test('another key-encryption key, a readable file or a bad key does not start', async () => {
  const kek = (content: string, mode: number) => async () => {
    const path = `${fleet.kekFile}-${randomBytes(4).toString('hex')}`;
    await writeFile(path, content);
    await chmod(path, mode);
    await fleet.startAuth({ GATEHOUSE_KEK_FILE: path });
  };
  const good = randomBytes(32).toString('base64');
  await assert.rejects(kek(good, 0o600), /GATEHOUSE_KEK_FILE has no key that this database/);
  await assert.rejects(kek(good, 0o644), /GATEHOUSE_KEK_FILE must be readable by its owner alone/);
  await assert.rejects(kek('c2hvcnQ=', 0o600), /GATEHOUSE_KEK_FILE must hold 32 random bytes/);
});

async function positionNow(): Promise<bigint> {
  for await (const change of one.client.watchAccessChanges({})) return change.position;
  throw new Error('the feed said nothing');
}

test('a registration is sent to those who watch', async () => {
  const before = await positionNow();
  await registerKey(one.client);
  await eventually(async () => assert.ok((await positionNow()) > before));
});
