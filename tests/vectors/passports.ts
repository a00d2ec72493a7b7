/** The passports of passports.json. */
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
const TRUST_DOMAIN = 'example.internal';
const GATEWAY = `spiffe://${TRUST_DOMAIN}/gateway`;
const AUTH = `spiffe://${TRUST_DOMAIN}/auth`;
const TYP = 'txntoken+jwt';

const gateway = makeKey('ES256', 'test-only-gateway', GATEWAY);
const auth = makeKey('ES256', 'test-only-auth', AUTH);
const unbound = makeKey('ES256', 'test-only-bound-to-nobody');
const stranger = makeKey('ES256', 'test-only-not-published', GATEWAY);

const person = {
  iss: GATEWAY,
  aud: TRUST_DOMAIN,
  txn: 'txn_1',
  jti: 'pst_1',
  sub: 'usr_01h455vb4pex5vsknk084sn02q',
  sid: 'ses_1',
  sv: 3,
  scope: 'board:read board:write',
  roles: ['member'],
  rctx: { addr: '203.0.113.7', authn: 1, iss: 'https://auth.example' },
  tctx: { method: 'gatehouse.board.v1.BoardService/CreatePost' },
  req_wl: GATEWAY,
  iat: NOW - 1,
  exp: NOW + 59,
};
const { sid: _sid, sv: _sv, roles: _roles, ...bare } = person;
const anonymous = { ...bare, sub: 'anonymous:txn_1', scope: '' };
const workload = { ...bare, iss: AUTH, sub: `spiffe://${TRUST_DOMAIN}/orchestrator`, req_wl: AUTH };
const header = { alg: 'ES256', kid: gateway.kid, typ: TYP };

/** Signed by the gateway's key, with changes to the header or the claims of a good passport. */
function changed(claims: object, head: object = {}): string {
  return forge(gateway, { ...header, ...head }, { ...person, ...claims });
}

function withSignature(make: (signature: Buffer, input: string) => Buffer | string): string {
  return resigned(changed({}), make);
}

function hmac(input: string): string {
  return createHmac('sha256', JSON.stringify(gateway.jwk)).update(input).digest('base64url');
}

/** The JSON text of a good passport with something put before its first member. */
function prefixed(members: string): string {
  return JSON.stringify(person).replace('{', `{${members},`);
}

const ORDER = Buffer.from(
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  'hex',
);
const authHeader = { ...header, kid: auth.kid };

const good: Vector[] = [
  { name: 'a person', token: changed({}), claims: person },
  { name: 'nobody known', token: forge(gateway, header, anonymous), claims: anonymous },
  { name: 'a workload, by auth', token: forge(auth, authHeader, workload), claims: workload },
  {
    name: 'a person, by auth',
    token: forge(auth, authHeader, { ...person, iss: AUTH }),
    claims: { ...person, iss: AUTH },
  },
  {
    name: 'iat and nbf five seconds ahead, life of exactly a minute',
    token: changed({ iat: NOW + 5, nbf: NOW + 5, exp: NOW + 65 }),
    claims: { ...person, iat: NOW + 5, exp: NOW + 65 },
  },
  {
    name: 'members that are not known are left out',
    token: changed({ rctx: { ...person.rctx, x: 1 }, purp: 'x', act: { sub: 'x' } }),
    claims: person,
  },
  {
    name: 'a claim called __proto__ does nothing',
    token: forge(gateway, header, prefixed('"__proto__":{"roles":["admin"]}')),
    claims: person,
  },
];

const bad: BadTokens = {
  malformed: {
    'two parts': changed({}).split('.').slice(0, 2).join('.'),
    'four parts': `${changed({})}.AAAA`,
    'alg none — no signature': withSignature(() => ''),
    'non-canonical base64url — signature with padding': withSignature(
      (signature) => `${base64url(signature)}==`,
    ),
    'non-canonical base64url — signature with unused bits set': withSignature((signature) =>
      base64url(signature).slice(0, -1).concat('B'),
    ),
    'non-canonical base64url — a line break at the end': `${changed({})}\n`,
    'huge tokens — over 8192 characters': changed({ x: 'x'.repeat(8192) }),
    'no typ': changed({}, { typ: undefined }),
    'no kid': changed({}, { kid: undefined }),
    'crit — a known extension': changed({}, { crit: ['exp'] }),
    'b64 — false': changed({}, { b64: false }),
    'embedded key — jwk': forge(stranger, { ...header, jwk: stranger.jwk }, person),
    'key from elsewhere — jku': changed({}, { jku: 'https://evil.example/jwks.json' }),
    'duplicate members — in the header': forge(
      gateway,
      JSON.stringify(header).replace('{', '{"alg":"none",'),
      person,
    ),
    'duplicate members — a claim': forge(gateway, header, prefixed('"sub":"usr_root"')),
    'duplicate members — a claim, once escaped': forge(
      gateway,
      header,
      prefixed('"s\\u0075b":"usr_root"'),
    ),
    'duplicate members — deep inside': forge(gateway, header, prefixed('"x":[{"a":1,"a":2}]')),
    'payload is a list': forge(gateway, header, []),
    'payload is not UTF-8': forge(
      gateway,
      header,
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ),
    'payload with a byte order mark': forge(gateway, header, `\ufeff${JSON.stringify(person)}`),
    'payload nested too deeply': forge(
      gateway,
      header,
      prefixed(`"x":${'['.repeat(8)}${']'.repeat(8)}`),
    ),
  },
  type: {
    'typ mix-up — an access token': changed({}, { typ: 'at+jwt' }),
    'typ in capitals': changed({}, { typ: 'TXNTOKEN+JWT' }),
    'typ with application/': changed({}, { typ: `application/${TYP}` }),
  },
  algorithm: {
    'alg none — none': changed({}, { alg: 'none' }),
    'alg switched within a family — ES384': changed({}, { alg: 'ES384' }),
    'HS/RS confusion — alg HS256 keyed with the public key': forgeHmac(
      JSON.stringify(gateway.jwk),
      { ...header, alg: 'HS256' },
      person,
    ),
  },
  key_unknown: {
    'a key that is not published': forge(stranger, { ...header, kid: stranger.kid }, person),
    'kid as input — a path': changed({}, { kid: '../../dev/null' }),
    'kid as input — of the prototype': changed({}, { kid: '__proto__' }),
  },
  signature: {
    'another issuer with the same kid — signed with its key': forge(stranger, header, person),
    'of other claims': withSignature((_, input) => rawSign(gateway, `${input}x`)),
    'ECDSA values out of range — all zero': withSignature(() => Buffer.alloc(64)),
    'ECDSA values out of range — r zero': withSignature((signature) =>
      Buffer.concat([Buffer.alloc(32), signature.subarray(32)]),
    ),
    'ECDSA values out of range — s zero': withSignature((signature) =>
      Buffer.concat([signature.subarray(0, 32), Buffer.alloc(32)]),
    ),
    'ECDSA values out of range — r is the order of the group': withSignature((signature) =>
      Buffer.concat([ORDER, signature.subarray(32)]),
    ),
    'a byte short': withSignature((signature) => signature.subarray(0, 63)),
    'in DER': withSignature((_, input) => sign('sha256', Buffer.from(input), gateway.privateKey)),
    'HS/RS confusion — an HMAC under alg ES256': withSignature((_, input) => hmac(input)),
  },
  issuer: {
    'another identity than the one bound to the kid': changed({ iss: AUTH }),
    'no iss': changed({ iss: undefined }),
    'a key that is bound to nobody': forge(unbound, { ...header, kid: unbound.kid }, person),
  },
  audience: {
    'another trust domain': changed({ aud: 'elsewhere.example' }),
    'a list of one': changed({ aud: [TRUST_DOMAIN] }),
    'no aud': changed({ aud: undefined }),
  },
  expired: {
    'clock skew at its edges — at the second of its exp': changed({ iat: NOW - 30, exp: NOW }),
    'long ago': changed({ iat: 1_700_000_000, exp: 1_700_000_060 }),
  },
  not_yet_valid: {
    'clock skew at its edges — iat six seconds ahead': changed({ iat: NOW + 6, exp: NOW + 60 }),
    'clock skew at its edges — nbf six seconds ahead': changed({ nbf: NOW + 6 }),
  },
  confirmation: { 'cnf that cannot be checked — jkt': changed({ cnf: { jkt: 'x' } }) },
  claim: {
    'a life of 61 seconds': changed({ iat: NOW - 1, exp: NOW + 60 }),
    'missing or bad times — no exp': changed({ exp: undefined }),
    'missing or bad times — exp as a text': changed({ exp: String(NOW + 59) }),
    'exp with a fraction': changed({ exp: NOW + 58.5 }),
    'missing or bad times — exp negative': changed({ exp: -1 }),
    'missing or bad times — exp huge': forge(
      gateway,
      header,
      JSON.stringify(person).replace(/"exp":\d+/, '"exp":1e400'),
    ),
    'exp before iat': changed({ iat: NOW + 3, exp: NOW + 2 }),
    'missing or bad times — nbf as a text': changed({ nbf: '1' }),
    "a workload's subject, by the gateway": changed({ ...workload, iss: GATEWAY }),
    'a workload of another trust domain, by auth': forge(auth, authHeader, {
      ...workload,
      sub: 'spiffe://elsewhere.example/orchestrator',
    }),
    'a subject of no known form': changed({ sub: 'root' }),
    "anonymous with another transaction's name": changed({
      ...anonymous,
      sub: 'anonymous:txn_2',
      sid: undefined,
      sv: undefined,
      roles: undefined,
    }),
    'anonymous with a scope': forge(gateway, header, { ...anonymous, scope: 'board:write' }),
    'anonymous with a role': forge(gateway, header, { ...anonymous, roles: ['admin'] }),
    'anonymous without a method': forge(gateway, header, { ...anonymous, tctx: {} }),
    'no txn': changed({ txn: undefined }),
    'no jti': changed({ jti: undefined }),
    'no scope': changed({ scope: undefined }),
    'scope with two spaces': changed({ scope: 'a  b' }),
    'roles as a text': changed({ roles: 'admin' }),
    'no rctx': changed({ rctx: undefined }),
    'no req_wl': changed({ req_wl: undefined }),
  },
};

/** What passports.json holds beside its vectors. */
export const passports = {
  trustDomain: TRUST_DOMAIN,
  nowSeconds: NOW,
  keySet: { keys: [gateway.jwk, auth.jwk, unbound.jwk] },
  vectors: [...good, ...badVectors(bad)],
};
