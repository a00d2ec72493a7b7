/** private_key_jwt (RFC 7523) against two replicas of auth: replay, mix-up, and other people's keys. */
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { generateSigningKey, type SigningKey } from '@gatehouse/tokens';
import { SignJWT } from 'jose';
import { startFleet } from '../test-support/fleet.ts';
import { machine, post } from '../test-support/machines.ts';
import { ISSUER } from '../test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
const one = await fleet.startAuth();
const two = await fleet.startAuth();
const operator = await fleet.dialAs(OperatorService, 'operator', one.service);
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let names = 0;

async function signer(alg: 'RS256' | 'ES256' = 'ES256') {
  names += 1;
  const key = generateSigningKey(alg);
  const { clientId, clientSecret } = await operator.createClient({
    name: `signer-${names}`,
    scopes: ['asset:update'],
    withoutSecret: true,
  });
  assert.equal(clientSecret, '');
  const publicKey = key.publicKey.export({ format: 'der', type: 'spki' });
  const { kid } = await operator.addClientKey({ clientId, publicKey });
  assert.equal(kid, key.kid);
  return { clientId, key };
}

interface Said {
  readonly clientId: string;
  readonly key: SigningKey;
  readonly aud?: string | string[];
  readonly jti?: string;
  readonly expires?: string;
}

function assertion({ clientId, key, aud = ISSUER, jti = randomUUID(), expires = '60s' }: Said) {
  return new SignJWT()
    .setProtectedHeader({ alg: key.alg })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(aud)
    .setJti(jti)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key.privateKey);
}

const ask = (client_assertion: string, more: Record<string, string> = {}, replica = one) =>
  post(`${replica.httpUrl}/oauth2/token`, {
    grant_type: 'client_credentials',
    client_assertion_type: TYPE,
    client_assertion,
    ...more,
  });

async function refused(client_assertion: string, more: Record<string, string> = {}) {
  const { status, json } = await ask(client_assertion, more);
  assert.deepEqual([status, json.error], [401, 'invalid_client']);
}

test('an assertion by either algorithm is taken, for the issuer or the endpoint', async () => {
  for (const alg of ['RS256', 'ES256'] as const) {
    const client = await signer(alg);
    for (const aud of [ISSUER, `${ISSUER}/oauth2/token`, [ISSUER]]) {
      const { status, json } = await ask(await assertion({ ...client, aud }));
      assert.deepEqual([status, json.scope], [200, 'asset:update']);
    }
  }
});

test('an assertion is good once, whichever replica it is shown to, also at the same moment', async () => {
  const client = await signer();
  const shown = await assertion(client);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, at) => ask(shown, {}, at % 2 === 0 ? one : two)),
  );
  const good = answers.filter(({ status }) => status === 200);
  assert.equal(good.length, 1);
  await refused(shown);
  // The same jti in another assertion of this client is the same one; of another client it is not.
  const jti = randomUUID();
  assert.equal((await ask(await assertion({ ...client, jti }))).status, 200);
  await refused(await assertion({ ...client, jti, expires: '90s' }));
  assert.equal((await ask(await assertion({ ...(await signer()), jti }))).status, 200);
});

test('a client’s key signs for nobody else, and the id beside it must be its own', async () => {
  const [mine, other] = [await signer(), await signer()];
  await refused(await assertion({ clientId: other.clientId, key: mine.key }));
  await refused(await assertion({ clientId: 'cli_nobody', key: mine.key }));
  await refused(await assertion(mine), { client_id: other.clientId });
  const { status } = await ask(await assertion(mine), { client_id: mine.clientId });
  assert.equal(status, 200);
});

test('an assertion for another server, for two, too long, or expired is refused', async () => {
  const client = await signer();
  for (const aud of ['https://other.example', `${ISSUER}/`, [ISSUER, 'https://other.example']]) {
    await refused(await assertion({ ...client, aud }));
  }
  await refused(await assertion({ ...client, expires: '1h' }));
  await refused(await assertion({ ...client, expires: '-1s' }));
});

test('a public key is no shared secret, and no signature is none', async () => {
  const client = await signer('RS256');
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const { clientId: iss } = client;
  const claims = { iss, sub: iss, aud: ISSUER, jti: randomUUID(), iat: now, exp: now + 60 };
  const input = `${encode({ alg: 'HS256' })}.${encode(claims)}`;
  const pem = client.key.publicKey.export({ format: 'pem', type: 'spki' });
  await refused(`${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`);
  await refused(`${encode({ alg: 'none' })}.${encode(claims)}.`);
  await refused('a.b.c');
});

test('the kind of assertion must be said', async () => {
  const shown = await assertion(await signer());
  const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
  for (const client_assertion_type of ['', saml]) {
    const { status, json } = await ask(shown, { client_assertion_type });
    assert.deepEqual([status, json.error], [400, 'invalid_request']);
  }
});

test('a client without a secret has none to guess; a removed key and a disabled client end', async () => {
  const client = await signer();
  const { clientId, key } = client;
  const post_ = await post(`${one.httpUrl}/oauth2/token`, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: Buffer.alloc(32).toString('base64url'),
  });
  assert.equal(post_.status, 401);
  await operator.removeClientKey({ clientId, kid: key.kid });
  await refused(await assertion(client));
  await assert.rejects(operator.removeClientKey({ clientId, kid: key.kid }), {
    code: 'auth.client_key_unknown',
  });
  const second = await signer();
  await operator.disableClient({ clientId: second.clientId });
  await refused(await assertion(second));
});

test('weak, another’s and sixth keys are not registered, and no key twice', async () => {
  const { clientId } = await machine(operator);
  const add = (key: SigningKey) =>
    operator.addClientKey({
      clientId,
      publicKey: key.publicKey.export({ format: 'der', type: 'spki' }),
    });
  const invalid = { code: 'auth.client_key_invalid' };
  await assert.rejects(operator.addClientKey({ clientId, publicKey: Buffer.from('key') }), invalid);
  const keys = Array.from({ length: 6 }, () => generateSigningKey('ES256'));
  const [first, , , , , sixth] = keys as [SigningKey, ...SigningKey[]];
  await add(first);
  await assert.rejects(add(first), invalid);
  for (const key of keys.slice(1, 5)) await add(key);
  await assert.rejects(add(sixth as SigningKey), { code: 'auth.client_keys_full' });
});
