/** A stock OAuth client against our endpoints, found by discovery. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import * as oauth from 'oauth4webapi';
import { startFleet } from '../test-support/fleet.ts';
import { machine } from '../test-support/machines.ts';
import { ISSUER } from '../test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
const auth = await fleet.startAuth();
const operator = await fleet.dialAs(OperatorService, 'operator', auth.service);
const { clientId, clientSecret } = await machine(operator);
const client: oauth.Client = { client_id: clientId };

// Its issuer says port 8091; this replica listens wherever there was room.
const options = {
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: (url: string, init: object) =>
    fetch(url.replace(ISSUER, auth.httpUrl), init),
};
const issuer = new URL(ISSUER);
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' }),
);

async function credentials(proof: oauth.ClientAuth, who: oauth.Client = client) {
  const scope = new URLSearchParams({ scope: 'asset:update' });
  const answer = await oauth.clientCredentialsGrantRequest(server, who, proof, scope, options);
  return oauth.processClientCredentialsResponse(server, who, answer);
}

test('it gets a token with a secret, in the header and in the body', async () => {
  for (const proof of [
    oauth.ClientSecretBasic(clientSecret),
    oauth.ClientSecretPost(clientSecret),
  ]) {
    const { access_token, token_type, expires_in, scope } = await credentials(proof);
    assert.deepEqual([token_type, expires_in, scope], ['bearer', 300, 'asset:update']);
    assert.match(access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  }
});

test('it gets a token with a key, by either algorithm', async () => {
  for (const alg of ['RS256', 'ES256']) {
    const { publicKey, privateKey } = await oauth.generateKeyPair(alg);
    const made = await operator.createClient({
      name: `stock-${alg.toLowerCase()}`,
      scopes: ['asset:update'],
      withoutSecret: true,
    });
    const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey));
    await operator.addClientKey({ clientId: made.clientId, publicKey: spki });
    const { scope } = await credentials(oauth.PrivateKeyJwt(privateKey), {
      client_id: made.clientId,
    });
    assert.equal(scope, 'asset:update');
  }
});

test('it looks into its token, gives it up, and sees that it is gone', async () => {
  const proof = oauth.ClientSecretBasic(clientSecret);
  const { access_token: token } = await credentials(proof);
  const look = async () =>
    oauth.processIntrospectionResponse(
      server,
      client,
      await oauth.introspectionRequest(server, client, proof, token, options),
    );
  const { active, client_id, scope } = await look();
  assert.deepEqual([active, client_id, scope], [true, clientId, 'asset:update']);
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, proof, token, options),
  );
  assert.deepEqual({ ...(await look()) }, { active: false });
});

test('it understands a refusal', async () => {
  await assert.rejects(credentials(oauth.ClientSecretBasic('wrong')), (thrown: unknown) => {
    // Its own words for a 401 with a challenge.
    return thrown instanceof oauth.WWWAuthenticateChallengeError && thrown.status === 401;
  });
});
