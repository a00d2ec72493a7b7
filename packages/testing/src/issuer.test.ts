import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createAccessTokenVerifier } from '@gatehouse/tokens';
import { createTestAuthority } from './authority.ts';
import { createTestClock } from './clock.ts';
import { createTestIssuer } from './issuer.ts';

test('its passports are good until they expire by the test clock', async () => {
  const clock = createTestClock();
  const issuer = createTestIssuer({ clock });
  const gate = issuer.gate();
  const passport = issuer.passport({ scope: 'board:read' });
  assert.equal((await gate.verify(passport)).scope, 'board:read');
  assert.match((await gate.verify(issuer.anonymousPassport('m'))).sub, /^anonymous:/);
  const own = await gate.verify(issuer.workloadPassport('auth'));
  assert.equal(own.sub, 'spiffe://gatehouse.local/auth');
  clock.advance(90_000);
  await assert.rejects(gate.verify(passport), { code: 'expired' });
});

test('another issuer of the same name has other keys', async () => {
  const passport = createTestIssuer().passport();
  await assert.rejects(createTestIssuer().gate().verify(passport), { code: 'key_unknown' });
});

test('its access tokens are for the edge', async () => {
  const issuer = createTestIssuer();
  const verifier = createAccessTokenVerifier({
    issuer: 'http://127.0.0.1:8091',
    audience: 'https://edge.gatehouse.local',
    keys: issuer.accessKeys,
  });
  const claims = await verifier.verify(issuer.accessToken({ roles: ['admin'] }));
  assert.deepEqual(claims.roles, ['admin']);
});

test('the authority signs what it is asked to', async () => {
  const authority = await createTestAuthority();
  try {
    const { der } = await authority.issue({ names: [{ type: 'dns', value: 'localhost' }] });
    const certificate = new X509Certificate(der);
    const root = new X509Certificate(authority.bundlePem);
    assert.ok(certificate.verify(root.publicKey));
    assert.equal(certificate.subjectAltName, 'DNS:localhost');
  } finally {
    await authority.close();
  }
});
