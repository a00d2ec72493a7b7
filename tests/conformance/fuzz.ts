/**
 * The fuzzer of the parser: `node tests/conformance/fuzz.ts [--seconds 60] [--seed N]`. Throws whatever
 * it can think of at every verifier, and ends with 1 when one of them fails in a way that it may not.
 */
import { parseArgs } from 'node:util';
import {
  createAccessTokenVerifier,
  createJwtVerifier,
  createMultiIssuerVerifier,
  createPassportVerifier,
  createSingleKeyVerifier,
  createStaticKeySet,
  createStaticPublicKey,
  type JwkSet,
  TokenError,
  type Verifier,
} from '@gatehouse/tokens';
import { forge } from '../vectors/forge.ts';
import {
  accessKind,
  changedToken,
  EDGE,
  GATEWAY,
  goodToken,
  ISSUER,
  keySet,
  mutatedText,
  NOW,
  passportKind,
  TRUST_DOMAIN,
} from './mutations.ts';
import { type SeededRandom, seededRandom } from './random.ts';

/** How a run of the fuzzer went. */
export interface FuzzReport {
  readonly tokens: number;
  readonly accepted: number;
  /** Longest time that one token took, in milliseconds. */
  readonly slowestMs: number;
}

/** Parsing is linear in 8 kB; a second is far beyond any pause of a busy machine's scheduler. */
const MAX_MS = 1_000;

const clock = { nowMs: () => NOW * 1000 };
const keys = createStaticKeySet(keySet as JwkSet);
const spki = accessKind.key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const edge = { issuer: ISSUER, audience: EDGE, keys, clock };
const inside = { issuer: GATEWAY, audience: TRUST_DOMAIN, keys, clock };
const passports = createPassportVerifier({ trustDomain: TRUST_DOMAIN, keys, clock });

const verifiers: readonly Verifier<object>[] = [
  passports,
  createAccessTokenVerifier(edge),
  createJwtVerifier({ ...inside, typs: ['txntoken+jwt', 'JWT', ''] }),
  createSingleKeyVerifier({ issuer: ISSUER, keys: createStaticPublicKey(spki), clock }),
  createMultiIssuerVerifier<object>({
    [ISSUER]: createAccessTokenVerifier(edge),
    [GATEWAY]: passports,
  }),
];

/**
 * Fuzzes for a time. Whatever a verifier is given, it gives frozen claims or a TokenError, soon; what
 * it takes was signed by a key of ours, over these very bytes.
 *
 * @throws Error with the token, when that does not hold.
 */
export async function fuzz(seed: number, seconds: number): Promise<FuzzReport> {
  const random = seededRandom(seed);
  const endMs = performance.now() + seconds * 1000;
  let tokens = 0;
  let accepted = 0;
  let slowestMs = 0;
  while (performance.now() < endMs) {
    const token = anyToken(random);
    for (const verifier of verifiers) {
      const startedMs = performance.now();
      accepted += (await attempt(verifier, token)) ? 1 : 0;
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    }
    if (slowestMs > MAX_MS) throw new Error(`took ${slowestMs} ms: ${token}`);
    tokens++;
  }
  return { tokens, accepted, slowestMs };
}

async function attempt(verifier: Verifier<object>, token: string): Promise<boolean> {
  try {
    const claims = await verifier.verify(token);
    if (!Object.isFrozen(claims)) throw new Error('the claims are not frozen');
    if (Object.getPrototypeOf(claims) !== Object.prototype) throw new Error('another prototype');
    if (verifier.verifyCached(token) !== claims) throw new Error('not in the cache');
    const cut = token.slice(0, -1);
    if (verifier.verifyCached(cut) !== undefined) throw new Error('a part of it is in the cache');
    return true;
  } catch (error) {
    if (error instanceof TokenError) return false;
    throw new Error(`with the token ${JSON.stringify(token)}`, { cause: error });
  }
}

function anyToken(random: SeededRandom): string {
  switch (random.below(8)) {
    case 0:
      return goodToken(passportKind, random).token;
    case 1:
      return forge(passportKind.key, header(random), anyJson(random, 10));
    case 2:
      return forge(
        passportKind.key,
        anyJson(random, 4),
        JSON.stringify(passportKind.claims(random)),
      );
    case 3:
      return anyText(random, random.below(random.once(50) ? 10_000 : 300));
    case 4:
      return [0, 1, 2].map(() => Buffer.from(anyJson(random, 3)).toString('base64url')).join('.');
    case 5:
      return mutatedText(
        goodToken(passportKind, random).token,
        random,
        '.=+/-_AQgw \n\0\u0141\ud83d',
      );
    default:
      return changedToken(random.once(40) ? accessKind : passportKind, random);
  }
}

function header(random: SeededRandom): object {
  const { alg, kid } = passportKind.key;
  return random.pick([
    { alg, kid, typ: 'txntoken+jwt' },
    { alg, kid, typ: 'JWT' },
    { alg, kid },
  ]);
}

/** Something like JSON: mostly well-formed, with members twice, deep, odd numbers, odd texts. */
function anyJson(random: SeededRandom, depth: number): string {
  const inner = () => anyJson(random, depth - 1);
  const list = () => Array.from({ length: random.below(4) }, inner);
  const name = () =>
    JSON.stringify(random.pick(['iss', 'exp', 'a', '__proto__', 'toString', '\u0000', 'é']));
  switch (depth <= 0 ? random.below(4) : random.below(8)) {
    case 0:
      return JSON.stringify(anyText(random, random.below(20)));
    case 1:
      return random.pick([
        '0',
        '-0',
        '1e999',
        '1E-9',
        '01',
        '.5',
        '1800000000',
        '9007199254740993',
        'NaN',
      ]);
    case 2:
      return random.pick(['true', 'false', 'null', 'undefined', '', '"\\ud800"', '"\\x"', "'a'"]);
    case 3:
      return mutatedText('{"iss":"a","exp":1}', random);
    case 4:
      return `[${list().join(',')}]`;
    case 5:
      return `${'['.repeat(random.below(2_000))}${inner()}`;
    default:
      return `{${list()
        .map((value) => `${name()}:${value}`)
        .join(',')}}`;
  }
}

function anyText(random: SeededRandom, length: number): string {
  return Array.from({ length }, () =>
    String.fromCharCode(random.once(10) ? random.below(0x10000) : 0x20 + random.below(0x5f)),
  ).join('');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const seconds = Number(values.seconds ?? 60);
  console.log(`fuzzing the parser for ${seconds} s; again with: --seed ${seed}`);
  const { tokens, accepted, slowestMs } = await fuzz(seed, seconds);
  console.log(`${tokens} tokens, ${accepted} accepted, slowest ${slowestMs.toFixed(1)} ms`);
}
