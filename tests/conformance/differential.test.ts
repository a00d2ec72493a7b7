/** Twenty thousand seeded mutations, and good tokens in many spellings, with jose as the oracle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createAccessTokenVerifier,
  createPassportVerifier,
  createStaticKeySet,
  type JwkSet,
  TokenError,
} from '@gatehouse/tokens';
import { createLocalJWKSet, jwtVerify } from 'jose';
import {
  accessKind,
  changedToken,
  EDGE,
  GATEWAY,
  goodToken,
  ISSUER,
  type Kind,
  keySet,
  NOW,
  passportKind,
  TRUST_DOMAIN,
} from './mutations.ts';
import { seededRandom } from './random.ts';

const SEED = 20_261_120;
const clock = { nowMs: () => NOW * 1000 };
const keys = createStaticKeySet(keySet as JwkSet);
const joseKeys = createLocalJWKSet(keySet as unknown as Parameters<typeof createLocalJWKSet>[0]);

const subjects = [
  // Fewer of the kind that takes a millisecond to sign.
  {
    kind: accessKind,
    changed: 3_000,
    good: 600,
    issuer: ISSUER,
    audience: EDGE,
    verifier: createAccessTokenVerifier({ issuer: ISSUER, audience: EDGE, keys, clock }),
  },
  {
    kind: passportKind,
    changed: 17_000,
    good: 5_000,
    issuer: GATEWAY,
    audience: TRUST_DOMAIN,
    verifier: createPassportVerifier({ trustDomain: TRUST_DOMAIN, keys, clock }),
  },
];

function joseVerifies(kind: Kind, expected: { issuer: string; audience: string }) {
  // Its tolerance is ours for nbf; for exp that is more than ours, so it never refuses for it alone.
  const options = {
    clockTolerance: 5,
    currentDate: new Date(NOW * 1000),
    algorithms: [kind.key.alg],
  };
  const { issuer, audience } = expected;
  return (token: string): Promise<boolean> =>
    jwtVerify(token, joseKeys, { ...options, issuer, audience, typ: kind.typ }).then(
      () => true,
      () => false,
    );
}

for (const { kind, changed, good, issuer, audience, verifier } of subjects) {
  const joseAccepts = joseVerifies(kind, { issuer, audience });

  test(`${kind.typ}: ${changed} changed tokens: nothing that jose refuses is accepted`, async (t) => {
    const random = seededRandom(SEED);
    const seen = { bothAccept: 0, bothRefuse: 0, strict: new Map<string, number>() };
    for (let round = 0; round < changed; round++) {
      const token = changedToken(kind, random);
      const [ours, theirs] = await Promise.all([
        outcomeOf(verifier.verify(token)),
        joseAccepts(token),
      ]);
      if (ours === 'accepted') assert.ok(theirs, `round ${round} of seed ${SEED}: ${token}`);
      if (ours === 'accepted') seen.bothAccept++;
      else if (!theirs) seen.bothRefuse++;
      else seen.strict.set(ours, (seen.strict.get(ours) ?? 0) + 1);
    }
    // Else the changes are too gentle, or too wild, to say anything.
    assert.ok(seen.bothAccept > changed / 50 && seen.bothRefuse > changed / 5);
    t.diagnostic(`both accept ${seen.bothAccept}, both refuse ${seen.bothRefuse}`);
    t.diagnostic(`only ours refuses: ${JSON.stringify(Object.fromEntries(seen.strict))}`);
  });

  test(`${kind.typ}: ${good} good tokens in many spellings: nothing valid is refused`, async () => {
    const random = seededRandom(SEED + 1);
    for (let round = 0; round < good; round++) {
      const { token, claims } = goodToken(kind, random);
      assert.ok(await joseAccepts(token), `jose, round ${round} of seed ${SEED}: ${token}`);
      const { nbf: _, ...listed } = claims;
      assert.deepEqual(await verifier.verify(token), listed, `round ${round} of seed ${SEED}`);
    }
  });
}

async function outcomeOf(verification: Promise<unknown>): Promise<string> {
  try {
    await verification;
    return 'accepted';
  } catch (error) {
    assert.ok(error instanceof TokenError, String(error));
    return error.code;
  }
}
