import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatehouseError } from '@gatehouse/errors';
import { type FetchedToken, usableToken } from './life.ts';

const NOW_MS = 1_790_000_000_000;
const MINUTE_MS = 60_000;

const at = (offMs = 0, chance = 0) => ({
  sentAtMs: NOW_MS,
  receivedAtMs: NOW_MS + 20,
  toleranceMs: MINUTE_MS,
  chance,
  offMs,
});

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;
}

/** A five-minute token of a server whose clock is off. */
function issued(offMs = 0): string {
  const iat = (NOW_MS + offMs) / 1_000;
  return jwt({ iat, exp: iat + 300 });
}

const refusal = (fetched: FetchedToken): GatehouseError => {
  try {
    usableToken(fetched, at());
  } catch (error) {
    return error as GatehouseError;
  }
  assert.fail('it was taken');
};
const causeOf = (error: GatehouseError): string => (error.cause as Error).message;

test('a life is taken from expires_in, or else from iat and exp, counted from the asking', () => {
  const sources = [
    { token: 'opaque', lifeMs: 300_000 },
    { token: issued() },
    { token: 'opaque', issuedAtMs: NOW_MS, expiresAtMs: NOW_MS + 300_000 },
    { token: 'opaque', serverTimeMs: NOW_MS, expiresAtMs: NOW_MS + 300_000 },
    { token: 'opaque', expiresAtMs: NOW_MS + 300_000 },
  ];
  for (const source of sources) {
    assert.equal(usableToken(source, at()).expiresAtMs, NOW_MS + 300_000, JSON.stringify(source));
  }
});

test('where both are given the shorter one counts', () => {
  assert.equal(
    usableToken({ token: issued(), lifeMs: 900_000 }, at()).expiresAtMs,
    NOW_MS + 300_000,
    'the server says more than the token',
  );
});

test('it is renewed when a fifth is left, or a minute, and a tenth of that earlier by chance', () => {
  const leadOf = (lifeMs: number, chance = 0) => {
    const { expiresAtMs, renewAtMs } = usableToken({ token: 'opaque', lifeMs }, at(0, chance));
    return expiresAtMs - renewAtMs;
  };
  assert.equal(leadOf(1_000_000), 200_000);
  assert.equal(leadOf(300_000), MINUTE_MS);
  assert.equal(leadOf(200_000), MINUTE_MS);
  assert.equal(leadOf(300_000, 1), MINUTE_MS * 1.1);
});

test('a token that lives for less than two minutes is renewed at half its life', () => {
  const { expiresAtMs, renewAtMs } = usableToken({ token: 'opaque', lifeMs: 10_000 }, at());
  assert.equal(expiresAtMs - renewAtMs, 5_000);
});

for (const [side, offMs, words] of [
  ['ahead', 10 * MINUTE_MS, /600 s ahead of this machine/],
  ['behind', -10 * MINUTE_MS, /600 s behind this machine/],
] as const) {
  test(`a clock ten minutes ${side} is an error that says so, whatever the answer tells of it`, () => {
    const tokens: FetchedToken[] = [
      { token: issued(offMs) },
      { token: issued(offMs), lifeMs: 300_000 },
      { token: issued(offMs), serverTimeMs: NOW_MS + offMs },
      { token: 'opaque', lifeMs: 300_000, serverTimeMs: NOW_MS + offMs },
      // A proxy in between has the right time.
      { token: issued(offMs), serverTimeMs: NOW_MS },
    ];
    for (const fetched of tokens) {
      const error = refusal(fetched);
      assert.equal(error.code, 'client.clock_off', JSON.stringify(fetched));
      assert.match(causeOf(error), words);
    }
  });
}

test('a clock that is half a minute off does no harm, nor does an answer that took long', () => {
  for (const offMs of [-30_000, 30_000]) {
    const { expiresAtMs } = usableToken(
      { token: issued(offMs), serverTimeMs: NOW_MS + offMs },
      at(),
    );
    assert.equal(expiresAtMs, NOW_MS + 300_000);
  }
  const slow = { ...at(), receivedAtMs: NOW_MS + 5 * MINUTE_MS };
  assert.ok(usableToken({ token: issued(4 * MINUTE_MS) }, slow));
});

test('a token that was issued before and is handed over again is no clock that is off', () => {
  const iat = NOW_MS / 1_000 - 200;
  const fetched = { token: jwt({ iat, exp: iat + 300 }), lifeMs: 100_000 };
  assert.equal(usableToken(fetched, at()).expiresAtMs, NOW_MS + 100_000);
});

test('a token of which nothing says how long it lives, and one that fits in no header, is malformed', () => {
  const bad = [
    'opaque',
    jwt({ iat: 'now', exp: 'then' }),
    'a.b.c',
    '',
    'two words',
    'line\nbreak',
    'x'.repeat(8_193),
  ];
  for (const token of bad) {
    assert.equal(refusal({ token }).code, 'client.token_malformed', token.slice(0, 20));
  }
  assert.equal(refusal({ token: 'opaque', lifeMs: Number.NaN }).code, 'client.token_malformed');
});

test('no error holds the token', () => {
  const token = issued(10 * MINUTE_MS);
  const error = refusal({ token });
  assert.ok(!`${error.stack}${causeOf(error)}`.includes(token));
});
