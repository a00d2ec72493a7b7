// Over node:http and Fastify; what Express adds is nothing here.
import assert from 'node:assert/strict';
import { createServer, request as send } from 'node:http';
import { type TestContext, test } from 'node:test';
import fastify from 'fastify';
import { createStaticKeySet } from '../keys/static.ts';
import { mintGatewayPassport, mintPassport } from '../mint/passport.ts';
import {
  accessClaims,
  ecKey,
  forge,
  GATEWAY,
  headerOf,
  passportClaims,
  rsaKey,
  TRUST_DOMAIN,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { listen } from '../test-support/request.ts';
import { createGatewayPassportVerifier, createPassportVerifier } from '../verify/passport.ts';
import { type PassportAuth, passportAuth } from './passport.ts';

const verifier = createPassportVerifier({
  trustDomain: TRUST_DOMAIN,
  keys: createStaticKeySet([verificationKey(ecKey, GATEWAY)]),
  clock: testClock(),
});
const good = mintPassport(ecKey, passportClaims);

interface Said {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(port: number, passports: readonly string[], name = 'Txn-Token'): Promise<Said> {
  const headers = ['host', 'localhost', ...passports.flatMap((value) => [name, value])];
  return new Promise((resolve, reject) => {
    const outgoing = send({ host: '127.0.0.1', port, path: '/', headers, agent: false });
    outgoing.on('error', reject).on('response', (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    });
    outgoing.end();
  });
}

/** Both ways of serving it. */
async function serving(t: TestContext, auth: PassportAuth): Promise<readonly number[]> {
  const plain = createServer((request, response) => {
    auth(request, response, (error) => {
      if (error === undefined) response.end(auth.principal(request).subject);
      else response.writeHead(500).end();
    });
  });
  const app = fastify();
  app.addHook('onRequest', auth.onRequest);
  app.get('/', (request) => auth.principal(request.raw).subject);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(async () => {
    plain.close();
    await app.close();
  });
  return [await listen(plain), Number(new URL(url).port)];
}

test('a valid passport is accepted, whatever the case of its header', async (t) => {
  for (const port of await serving(t, passportAuth({ verifier }))) {
    for (const name of ['Txn-Token', 'txn-token', 'TXN-TOKEN']) {
      const { status, body } = await ask(port, [good], name);
      assert.deepEqual([status, body], [200, passportClaims.sub]);
    }
  }
});

test('without one, with two, or with anything else it is 403, and the reason is told to us alone', async (t) => {
  const reasons: string[] = [];
  const onRefused = ({ message }: Error): number => reasons.push(message);
  const access = forge(rsaKey, headerOf(rsaKey, 'at+jwt'), accessClaims);
  const cases = [[], [good, good], [''], ['x'], [`${good}x`], [access], [`Bearer ${good}`]];
  for (const port of await serving(t, passportAuth({ verifier, onRefused }))) {
    for (const passports of cases) {
      const { status, headers, body } = await ask(port, passports);
      assert.equal(status, 403, passports.join());
      assert.match(String(headers['content-type']), /^application\/problem\+json/);
      assert.equal(headers['www-authenticate'], undefined);
      assert.equal(JSON.parse(body).code, 'passport.needed');
      assert.ok(!body.includes('well-formed'));
    }
  }
  assert.equal(reasons.length, cases.length * 2);
});

test('the header under another name, that some servers take for it, is none', async (t) => {
  const [port = 0] = await serving(t, passportAuth({ verifier }));
  for (const name of ['Txn_Token', 'Authorization', 'X-Txn-Token']) {
    assert.equal((await ask(port, [good], name)).status, 403, name);
  }
});

test('a passport of a standalone gateway has its own verifier', async (t) => {
  const own = createGatewayPassportVerifier({
    issuer: 'https://edge.example',
    audience: 'shop.internal',
    keys: createStaticKeySet([verificationKey(ecKey)]),
    clock: testClock(),
  });
  const claims = { ...passportClaims, iss: 'https://edge.example', aud: 'shop.internal', sub: '7' };
  const [port = 0] = await serving(t, passportAuth({ verifier: own }));
  assert.equal((await ask(port, [mintGatewayPassport(ecKey, claims)])).body, '7');
  assert.equal((await ask(port, [good])).status, 403);
});

test('without keys it is 503 with Retry-After; a fault is the framework’s', async (t) => {
  const keys = { ready: false, find: () => undefined, refresh: async () => {} };
  const keyless = createPassportVerifier({ trustDomain: TRUST_DOMAIN, keys });
  for (const port of await serving(t, passportAuth({ verifier: keyless }))) {
    const { status, headers } = await ask(port, [good]);
    assert.deepEqual([status, headers['retry-after']], [503, '1']);
  }
  const broken = {
    verify: () => Promise.reject<never>(new Error('a fault')),
    verifyCached: () => undefined,
  };
  for (const port of await serving(t, passportAuth({ verifier: broken }))) {
    assert.equal((await ask(port, [good])).status, 500);
  }
});

test('who has not passed is nobody', () => {
  assert.throws(() => passportAuth({ verifier }).principal({ rawHeaders: [] }), /has not passed/);
});
