import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError } from '../errors.ts';
import { ecKey, encode, forge, headerOf, rsaKey } from '../test-support/forge.ts';
import { MAX_TOKEN_LENGTH, parseCompact, signCompact } from './compact.ts';
import { HeaderReader, readStrictHeader } from './header.ts';

const HEADER = headerOf(ecKey, 'x+jwt');
const headers = new HeaderReader(readStrictHeader);

function assertMalformed(token: unknown, label?: string): void {
  assert.throws(
    () => parseCompact(token as string, headers),
    (error) => error instanceof TokenError && error.code === 'malformed',
    label ?? String(token).slice(0, 80),
  );
}

test('a token is taken apart into header, payload, signature and what is signed', () => {
  const token = signCompact(ecKey, { typ: 'x+jwt', alg: 'ES256' }, { a: 1 });
  const parsed = parseCompact(token, headers);
  assert.deepEqual({ ...parsed.header }, HEADER);
  assert.equal(parsed.payload.toString(), '{"a":1}');
  assert.equal(parsed.signature.length, 64);
  assert.equal(parsed.signingInput.toString(), token.slice(0, token.lastIndexOf('.')));
});

test('three parts, none empty, are required', () => {
  const [h, p, s] = forge(ecKey, HEADER, {}).split('.') as [string, string, string];
  for (const token of [
    '',
    '.',
    '..',
    '...',
    h,
    `${h}.${p}`,
    `${h}.${p}.`,
    `.${p}.${s}`,
    `${h}..${s}`,
  ])
    assertMalformed(token);
  assertMalformed(`${h}.${p}.${s}.`);
  assertMalformed(`${h}.${p}.${s}.${s}`);
  assertMalformed(`${h}.${p}..${s}`);
  assertMalformed(`Bearer ${h}.${p}.${s}`);
  assertMalformed(` ${h}.${p}.${s}`);
  assertMalformed(`${h}.${p}.${s}\n`);
});

test('what is no string is malformed and not a crash', () => {
  for (const value of [undefined, null, 1, {}, [], Buffer.from('a.b.c')]) assertMalformed(value);
});

test('8192 characters are looked at, one more is not, nor is a megabyte', () => {
  const filler = 'a'.repeat(4 * 1024);
  assert.ok(parseCompact(forge(ecKey, HEADER, { filler }), headers));
  assertMalformed('a'.repeat(MAX_TOKEN_LENGTH + 1));
  assertMalformed(`${encode(HEADER)}.${'A'.repeat(1_000_000)}.AAAA`, 'a megabyte');
});

test('alg, kid and typ are required, and must be texts', () => {
  for (const name of ['alg', 'kid', 'typ']) {
    assertMalformed(forge(ecKey, { ...HEADER, [name]: undefined }, {}), `no ${name}`);
    for (const value of [null, 1, true, [HEADER.alg], {}])
      assertMalformed(forge(ecKey, { ...HEADER, [name]: value }, {}), `${name} ${value}`);
  }
});

test('every other header member is refused', () => {
  const members = {
    crit: ['exp'],
    b64: false,
    jwk: { kty: 'EC' },
    jku: 'https://evil.example/jwks.json',
    x5u: 'https://evil.example/cert.pem',
    x5c: ['MIIB'],
    x5t: 'abc',
    zip: 'DEF',
    enc: 'A128GCM',
    cty: 'JWT',
    other: 1,
  };
  for (const [name, value] of Object.entries(members))
    assertMalformed(forge(ecKey, { ...HEADER, [name]: value }, {}), name);
  assertMalformed(forge(ecKey, `{"__proto__":1,${JSON.stringify(HEADER).slice(1)}`, {}));
});

test('a kid that is empty, long or not visible ASCII is refused', () => {
  for (const kid of ['', 'a'.repeat(257), 'a b', 'a\0b', 'ключ', 'a\n'])
    assertMalformed(forge(ecKey, { ...HEADER, kid }, {}), JSON.stringify(kid));
});

test('a signer of another algorithm or key signs nothing', () => {
  const form = { typ: 'x+jwt', alg: 'ES256' } as const;
  assert.throws(() => signCompact(rsaKey, form, {}), TypeError);
  assert.throws(() => signCompact({ ...rsaKey, alg: 'ES256' }, form, {}), TypeError);
  assert.throws(() => signCompact({ ...ecKey, kid: '' }, form, {}), TypeError);
  assert.throws(() => signCompact(ecKey, form, { a: 'a'.repeat(MAX_TOKEN_LENGTH) }), RangeError);
});

test('a character beyond ASCII, or of plain base64, is refused in every part', () => {
  const token = forge(ecKey, HEADER, { filler: 'a'.repeat(64) });
  // U+0141 and U+0241 end in the byte of A.
  for (const character of [
    '\u0141',
    '\u0241',
    '\u00c1',
    '\ud83d\ude00',
    '\ud800',
    '+',
    '/',
    '=',
    '\0',
  ])
    for (const at of [1, token.indexOf('.') + 1, token.indexOf('.') + 40, token.length - 1])
      assertMalformed(token.slice(0, at) + character + token.slice(at + 1));
  const long = forge(ecKey, HEADER, { filler: 'a'.repeat(5900) });
  assertMalformed(`${long.slice(0, -1)}\u0141`);
  const longest = `${long}${'A'.repeat(MAX_TOKEN_LENGTH - long.length)}`;
  assertMalformed(`${longest.slice(0, -1)}\u0141`);
});
