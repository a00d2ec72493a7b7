/** The access tokens of access-tokens.json, and the service tokens of service-tokens.json. */
import { createHmac, sign } from 'node:crypto';
import {
  type BadTokens,
  badVectors,
  base64url,
  forge,
  forgeHmac,
  makeKey,
  rawSign,
  resigned,
  type Vector,
} from './forge.ts';

const NOW = 1_800_000_000;
const ISSUER = 'https://auth.example';
const EDGE = 'https://edge.example';
const TRUST_DOMAIN = 'example.internal';
const TYP = 'at+jwt';

const key = makeKey('RS256', 'test-only-issuer');
const next = makeKey('RS256', 'test-only-issuer-next');
const ec = makeKey('ES256', 'test-only-of-another-kind');
/** Of nobody: it is not published, or has the kid of a key that is. */
const mallory = makeKey('RS256', 'test-only-not-published');
const PEM = key.publicKey.export({ format: 'pem', type: 'spki' }).toString();

const header = { alg: 'RS256', kid: key.kid, typ: TYP };
const access = {
  iss: ISSUER,
  aud: EDGE,
  sub: 'usr_01h455vb4pex5vsknk084sn02q',
  client_id: 'web',
  scope: 'board:read board:write',
  roles: ['member'],
  sid: 'ses_1',
  sv: 3,
  jti: 'tok_1',
  iat: NOW - 10,
  exp: NOW + 890,
};
const service = {
  iss: ISSUER,
  aud: TRUST_DOMAIN,
  sub: 'core',
  client_id: 'core',
  scope: 'extension:read',
  jti: 'tok_2',
  iat: NOW - 10,
  exp: NOW + 290,
};
const token = forge(key, header, access);
const [H = '', P = '', S = ''] = token.split('.');
const signature = Buffer.from(S, 'base64url');

/** Signed by the right key, with changes to the header or the claims of a good access token. */
function changed(claims: object, head: object = {}): string {
  return forge(key, { ...header, ...head }, { ...access, ...claims });
}

/** The JSON text of good claims with something put before the first member. */
function prefixed(members: string): string {
  return JSON.stringify(access).replace('{', `{${members},`);
}

function withText(claim: string, json: string): string {
  return forge(
    key,
    header,
    JSON.stringify(access).replace(`"${claim}":${NOW + 890}`, `"${claim}":${json}`),
  );
}

function unsigned(alg: string, end = ''): string {
  return `${base64url({ ...header, alg })}.${P}.${end}`;
}

const good: Vector[] = [
  { name: 'a person', token, claims: access },
  {
    name: 'acr and auth_level',
    token: changed({ acr: 'urn:x', auth_level: 2 }),
    claims: { ...access, acr: 'urn:x', auth_level: 2 },
  },
  {
    name: 'no scope and no role',
    token: changed({ scope: '', roles: [] }),
    claims: { ...access, scope: '', roles: [] },
  },
  {
    name: 'by the next key',
    token: forge(next, { ...header, kid: next.kid }, access),
    claims: access,
  },
  {
    name: 'iat and nbf five seconds ahead, exp in the next second',
    token: changed({ iat: NOW - 1, nbf: NOW + 5, exp: NOW + 1 }),
    claims: { ...access, iat: NOW - 1, exp: NOW + 1 },
  },
  {
    name: 'members that are not known are left out',
    token: changed({ name: 'x', act: { sub: 'x' } }),
    claims: access,
  },
];

const bad: BadTokens = {
  malformed: {
    'two parts': `${H}.${P}`,
    'four parts': `${token}.AAAA`,
    'alg none — no signature': unsigned('none'),
    'alg none — in capitals, no signature': unsigned('NONE'),
    'non-canonical base64url — signature with padding': `${token}==`,
    'non-canonical base64url — signature with unused bits set': resigned(token, () =>
      unusedBits(S),
    ),
    'non-canonical base64url — a line break at the end': `${token}\n`,
    'non-canonical base64url — a space in the payload': `${H}.${P.slice(0, 8)} ${P.slice(8)}.${S}`,
    'non-canonical base64url — the alphabet of plain base64': `${H}.${P}.${signature.toString('base64').replace(/=+$/, '')}`,
    'non-canonical base64url — header with padding': `${H}=.${P}.${S}`,
    'huge tokens — over 8192 characters': changed({ x: 'x'.repeat(8192) }),
    'kid as input — a kid of ten kilobytes': changed({}, { kid: 'k'.repeat(10_240) }),
    'no typ': changed({}, { typ: undefined }),
    'no kid': changed({}, { kid: undefined }),
    'crit — a known extension': changed({}, { crit: ['exp'] }),
    'crit — an unknown extension': changed({}, { crit: ['x'], x: true }),
    'crit — empty': changed({}, { crit: [] }),
    'b64 — false': changed({}, { b64: false }),
    'b64 — false, and critical': changed({}, { b64: false, crit: ['b64'] }),
    'embedded key — jwk': forge(mallory, { ...header, jwk: mallory.jwk }, access),
    'embedded key — jwk with its own kid': forge(
      mallory,
      { ...header, kid: mallory.kid, jwk: mallory.jwk },
      access,
    ),
    'embedded key — x5c': forge(mallory, { ...header, x5c: [base64url(PEM)] }, access),
    'key from elsewhere — jku': forge(
      mallory,
      { ...header, jku: 'https://evil.example/jwks.json' },
      access,
    ),
    'key from elsewhere — x5u': forge(
      mallory,
      { ...header, x5u: 'https://evil.example/cert.pem' },
      access,
    ),
    'zip — DEF': changed({}, { zip: 'DEF' }),
    'duplicate members — in the header': forge(
      key,
      JSON.stringify(header).replace('{', '{"alg":"none",'),
      access,
    ),
    'duplicate members — a claim': forge(key, header, prefixed('"sub":"usr_root"')),
    'duplicate members — a claim, once escaped': forge(
      key,
      header,
      prefixed('"s\\u0075b":"usr_root"'),
    ),
    'duplicate members — deep inside': forge(key, header, prefixed('"x":[{"a":1,"a":2}]')),
    'payload is a list': forge(key, header, []),
    'payload is not UTF-8': forge(
      key,
      header,
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ),
    'payload with a byte order mark': forge(key, header, `\ufeff${JSON.stringify(access)}`),
  },
  type: {
    'typ mix-up — a passport': changed({}, { typ: 'txntoken+jwt' }),
    'typ mix-up — a plain JWT': changed({}, { typ: 'JWT' }),
    'typ in capitals': changed({}, { typ: 'AT+JWT' }),
    'typ with application/': changed({}, { typ: `application/${TYP}` }),
  },
  algorithm: {
    'alg none — with the signature of RS256': unsigned('none', S),
    'alg none — mixed case, with a signature': unsigned('nOnE', S),
    'alg none — empty, with a signature': unsigned('', S),
    'HS/RS confusion — HS256 keyed with the PEM': forgeHmac(
      PEM,
      { ...header, alg: 'HS256' },
      access,
    ),
    'HS/RS confusion — HS256 keyed with the JWK': forgeHmac(
      JSON.stringify(key.jwk),
      { ...header, alg: 'HS256' },
      access,
    ),
    'alg switched within a family — RS384': resign('RS384', 'sha384'),
    'alg switched within a family — RS512': resign('RS512', 'sha512'),
    'alg switched within a family — PS256': resign('PS256', 'sha256', {
      padding: 6,
      saltLength: 32,
    }),
    'alg switched within a family — ES256 with a key of the same set': forge(
      ec,
      { ...header, alg: 'ES256', kid: ec.kid },
      access,
    ),
  },
  key_unknown: {
    'a key that is not published': forge(mallory, { ...header, kid: mallory.kid }, access),
    'kid as input — a path': changed({}, { kid: '../../../../dev/null' }),
    'kid as input — of the prototype': changed({}, { kid: '__proto__' }),
    'kid as input — another name of the prototype': changed({}, { kid: 'constructor' }),
    'kid as input — SQL': changed({}, { kid: "'UNION/**/SELECT/**/'key" }),
  },
  signature: {
    'another issuer with the same kid — signed with its key': forge(mallory, header, access),
    'HS/RS confusion — an HMAC under alg RS256': resigned(token, (_, input) =>
      createHmac('sha256', PEM).update(input).digest(),
    ),
    'of other claims': resigned(token, (_, input) => rawSign(key, `${input}x`)),
    'claims exchanged': `${H}.${base64url({ ...access, sub: 'usr_root' })}.${S}`,
    'all zero': resigned(token, () => Buffer.alloc(256)),
    'a byte short': resigned(token, () => signature.subarray(0, 255)),
    'a byte long': resigned(token, () => Buffer.concat([signature, Buffer.alloc(1)])),
  },
  issuer: {
    'another issuer with the same kid — its name, our key': changed({
      iss: 'https://other.example',
    }),
    'a slash more': changed({ iss: `${ISSUER}/` }),
    'no iss': changed({ iss: undefined }),
    'a list of one': changed({ iss: [ISSUER] }),
  },
  audience: {
    'typ mix-up — a service token': forge(key, header, service),
    'another audience': changed({ aud: 'https://elsewhere.example' }),
    'a list of one': changed({ aud: [EDGE] }),
    'a list with others': changed({ aud: [EDGE, 'https://elsewhere.example'] }),
    'no aud': changed({ aud: undefined }),
  },
  expired: {
    'clock skew at its edges — at the second of its exp': changed({ exp: NOW }),
    'long ago': changed({ iat: 1_700_000_000, exp: 1_700_000_060 }),
  },
  not_yet_valid: {
    'clock skew at its edges — iat six seconds ahead': changed({ iat: NOW + 6 }),
    'clock skew at its edges — nbf six seconds ahead': changed({ nbf: NOW + 6 }),
  },
  confirmation: {
    'cnf that cannot be checked — jkt': changed({ cnf: { jkt: 'x' } }),
    'cnf that cannot be checked — x5t#S256': changed({ cnf: { 'x5t#S256': 'x' } }),
    'cnf that cannot be checked — empty': changed({ cnf: {} }),
  },
  claim: {
    'missing or bad times — no exp': changed({ exp: undefined }),
    'missing or bad times — no iat': changed({ iat: undefined }),
    'missing or bad times — exp as a text': changed({ exp: String(NOW + 890) }),
    'missing or bad times — exp null': changed({ exp: null }),
    'missing or bad times — exp negative': changed({ exp: -1 }),
    'missing or bad times — exp huge': withText('exp', '1e400'),
    'missing or bad times — exp in milliseconds': changed({ exp: (NOW + 890) * 1000 }),
    'missing or bad times — exp with a fraction': changed({ exp: NOW + 889.5 }),
    'missing or bad times — iat as a text': changed({ iat: String(NOW) }),
    'missing or bad times — nbf as a text': changed({ nbf: '1' }),
    'missing or bad times — exp before iat': changed({ iat: NOW + 3, exp: NOW + 2 }),
    "__proto__ claims — sub in the prototype's place": forge(
      key,
      header,
      JSON.stringify({ ...access, sub: undefined }).replace(
        '{',
        '{"__proto__":{"sub":"usr_root"},',
      ),
    ),
    'typ mix-up — a workload at the edge': forge(key, header, { ...service, aud: EDGE }),
    'a subject of no known form': changed({ sub: 'root' }),
    'no sub': changed({ sub: undefined }),
    'no jti': changed({ jti: undefined }),
    'no sid': changed({ sid: undefined }),
    'sv as a text': changed({ sv: '3' }),
    'roles as a text': changed({ roles: 'admin' }),
    'scope as a list': changed({ scope: ['board:read'] }),
    'scope with two spaces': changed({ scope: 'a  b' }),
  },
};

function unusedBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // 256 bytes leave four bits of the last character unused.
  return text.slice(0, -1) + (alphabet[alphabet.indexOf(text.at(-1) ?? '') + 1] ?? '');
}

function resign(alg: string, hash: string, options: object = {}): string {
  const input = `${base64url({ ...header, alg })}.${P}`;
  return `${input}.${sign(hash, Buffer.from(input), { key: key.privateKey, ...options }).toString('base64url')}`;
}

const common = { issuer: ISSUER, nowSeconds: NOW, keySet: { keys: [key.jwk, next.jwk, ec.jwk] } };

/** What access-tokens.json holds. */
export const accessTokens = { ...common, audience: EDGE, vectors: [...good, ...badVectors(bad)] };

function changedService(claims: object): string {
  return forge(key, header, { ...service, ...claims });
}

/** What service-tokens.json holds: what a service token has of its own. */
export const serviceTokens = {
  ...common,
  audience: TRUST_DOMAIN,
  vectors: [
    { name: 'a workload', token: changedService({}), claims: service },
    {
      name: 'no scope',
      token: changedService({ scope: '' }),
      claims: { ...service, scope: '' },
    },
    ...badVectors({
      audience: { "typ mix-up — a person's access token": token },
      claim: {
        'typ mix-up — a person, for this audience': forge(key, header, {
          ...access,
          aud: TRUST_DOMAIN,
        }),
        'a person as subject': changedService({ sub: 'usr_1', client_id: 'usr_1' }),
        'an anonymous subject': changedService({
          sub: 'anonymous:txn_1',
          client_id: 'anonymous:txn_1',
        }),
        'a client that is not the subject': changedService({ client_id: 'other' }),
        'no client': changedService({ client_id: undefined }),
        'no scope at all': changedService({ scope: undefined }),
      },
      type: { 'typ mix-up — a passport': forge(key, { ...header, typ: 'txntoken+jwt' }, service) },
      confirmation: { 'cnf that cannot be checked — jkt': changedService({ cnf: { jkt: 'x' } }) },
    }),
  ],
};
