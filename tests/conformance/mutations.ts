/**
 * Tokens for the differential test and the fuzzer: good ones in every form that our rules allow, and
 * changed ones, most of them signed again, so that not the signature decides.
 */
import { base64url, forge, type Key, makeKey, rawSign } from '../vectors/forge.ts';
import type { SeededRandom } from './random.ts';

export const NOW = 1_800_000_000;
export const ISSUER = 'https://auth.example';
export const EDGE = 'https://edge.example';
export const TRUST_DOMAIN = 'example.internal';
export const GATEWAY = `spiffe://${TRUST_DOMAIN}/gateway`;

/** One kind of token, with the key that signs it. */
export interface Kind {
  readonly key: Key;
  readonly typ: string;
  readonly claims: (random: SeededRandom) => Readonly<Record<string, unknown>>;
}

const ID = 'abcdefghijklmnopqrstuvwxyz234567';
const NAMES = [
  'exp',
  'iat',
  'nbf',
  'iss',
  'aud',
  'sub',
  'jti',
  'scope',
  'roles',
  'sid',
  'sv',
  'cnf',
  '__proto__',
  'x',
];
const VALUES = [
  ...[
    0,
    -1,
    1,
    NOW,
    NOW - 1,
    NOW + 1,
    NOW + 6,
    NOW + 60,
    1e21,
    1.5,
    2 ** 53,
    true,
    false,
    null,
    '',
    'x',
  ],
  ...[
    [],
    {},
    [ISSUER],
    [EDGE],
    ISSUER,
    EDGE,
    TRUST_DOMAIN,
    GATEWAY,
    'usr_root',
    'a  b',
    { jkt: 'x' },
  ],
];
const HEADERS = [
  ...[
    { alg: 'none' },
    { alg: 'HS256' },
    { alg: 'RS384' },
    { alg: 'ES256' },
    { alg: 'RS256' },
    { alg: 1 },
  ],
  ...[
    { typ: 'JWT' },
    { typ: 'AT+JWT' },
    { typ: 'txntoken+jwt' },
    { typ: 'at+jwt' },
    { typ: undefined },
  ],
  ...[
    { kid: undefined },
    { kid: '' },
    { kid: '../x' },
    { kid: '__proto__' },
    { crit: ['exp'] },
    { crit: [] },
  ],
  ...[
    { b64: false },
    { b64: true },
    { zip: 'DEF' },
    { jwk: {} },
    { jku: 'https://evil.example' },
    { cty: 'JWT' },
  ],
];
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export const accessKind: Kind = {
  key: makeKey('RS256', 'issuer'),
  typ: 'at+jwt',
  claims: (random) => ({
    iss: ISSUER,
    aud: EDGE,
    sub: `usr_${random.text(ID, 26)}`,
    client_id: random.text(ID, 1 + random.below(20)),
    scope: random.pick(['', 'board:read', 'board:read board:write', '!#[]~']),
    roles: random.pick([[], ['member'], ['member', 'moderator']]),
    sid: `ses_${random.text(ID, 26)}`,
    sv: random.pick([0, 1, 3, Number.MAX_SAFE_INTEGER]),
    jti: `tok_${random.text(ID, 26)}`,
    iat: NOW - random.below(1000),
    exp: NOW + 1 + random.below(900),
    ...random.pick([{}, { acr: 'urn:x' }, { auth_level: 255 }, { nbf: NOW + random.below(6) }]),
  }),
};

export const passportKind: Kind = {
  key: makeKey('ES256', 'gateway', GATEWAY),
  typ: 'txntoken+jwt',
  claims: (random) => {
    const age = random.below(30);
    const txn = `txn_${random.text(ID, 26)}`;
    const who = random.pick([
      {
        sub: `usr_${random.text(ID, 26)}`,
        scope: 'board:write',
        sid: 'ses_1',
        sv: 3,
        roles: ['a'],
      },
      { sub: `anonymous:${txn}`, scope: '' },
    ]);
    return {
      iss: GATEWAY,
      aud: TRUST_DOMAIN,
      txn,
      jti: `pst_${random.text(ID, 26)}`,
      ...who,
      rctx: random.pick([{}, { addr: '2001:db8::1', authn: 1, iss: ISSUER }]),
      tctx: { method: 'gatehouse.board.v1.BoardService/CreatePost' },
      req_wl: GATEWAY,
      iat: NOW - age,
      exp: NOW - age + 31 + random.below(30),
    };
  },
};

/** The keys of both kinds, as a server publishes them. */
export const keySet = { keys: [accessKind.key.jwk, passportKind.key.jwk] };

/** A good token, in one of the many spellings of its JSON, perhaps with members nobody knows. */
export function goodToken(kind: Kind, random: SeededRandom) {
  const claims = kind.claims(random);
  const extra = random.once(3)
    ? { [`x_${random.text(ID, 3)}`]: random.pick([1, 'é', [{ a: [] }], null]) }
    : {};
  const members = shuffled(Object.entries({ ...claims, ...extra }), random);
  const token = forge(kind.key, shuffledHeader(kind, random), spelt(members, random));
  return { token, claims };
}

/** A token that something was done to. */
export function changedToken(kind: Kind, random: SeededRandom): string {
  const claims = kind.claims(random);
  const header: Record<string, unknown> = { alg: kind.key.alg, kid: kind.key.kid, typ: kind.typ };
  switch (random.below(6)) {
    case 0:
      return forge(kind.key, { ...header, ...random.pick(HEADERS) }, claims);
    case 1:
      return forge(kind.key, header, { ...claims, [random.pick(NAMES)]: random.pick(VALUES) });
    case 2:
      return forge(kind.key, header, mutatedText(JSON.stringify(claims), random));
    case 3:
      return forge(kind.key, mutatedText(JSON.stringify(header), random), claims);
    case 4:
      return withSignature(kind, forge(kind.key, header, claims), random);
    default:
      return mutatedText(forge(kind.key, header, claims), random, `${BASE64URL}.=+/ \n`);
  }
}

/** A text with one to three places changed, doubled or cut. */
export function mutatedText(
  text: string,
  random: SeededRandom,
  alphabet = '{}[]":,\\0189.-eE+ truefalsn_a\u00e9\n\0',
): string {
  let mutated = text;
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(mutated.length + 1);
    const added = random.once(4)
      ? mutated.slice(at, at + random.below(40))
      : random.text(alphabet, random.below(3));
    mutated = mutated.slice(0, at) + added + mutated.slice(at + random.below(4));
  }
  return mutated;
}

function withSignature(kind: Kind, token: string, random: SeededRandom): string {
  const at = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(at + 1), 'base64url');
  const changed = random.pick([
    () => signature.fill(0, random.below(signature.length)),
    () => signature.fill(0xff, 0, random.below(signature.length)),
    () => signature.subarray(random.below(signature.length)),
    () => Buffer.concat([signature, Buffer.alloc(1 + random.below(3))]),
    () => rawSign(kind.key, `${token.slice(0, at)}x`),
    () => {
      signature[random.below(signature.length)] = random.below(256);
      return signature;
    },
  ])();
  return `${token.slice(0, at)}.${base64url(changed)}`;
}

function shuffledHeader(kind: Kind, random: SeededRandom): string {
  const { kid, alg } = kind.key;
  return spelt(shuffled(Object.entries({ alg, kid, typ: kind.typ }), random), random);
}

function spelt(members: readonly (readonly [string, unknown])[], random: SeededRandom): string {
  const space = random.pick(['', '', ' ', '\n  ', '\t']);
  const isEscaped = random.once(3);
  const texts = members.map(([name, value]) => {
    const json = JSON.stringify(value);
    // Another spelling of the same text.
    const spelling = isEscaped && typeof value === 'string' ? json.replace(/[a-z]/, escaped) : json;
    return `${space}${JSON.stringify(name)}${space}:${space}${spelling}${space}`;
  });
  return `{${texts.join(',')}}`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function shuffled<T>(list: readonly T[], random: SeededRandom): readonly T[] {
  return list
    .map((item) => ({ item, order: random.below(1_000_000) }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
