/** What each library does in one round. Each runs in a process of its own. */
import { sign, verify } from 'node:crypto';
import {
  createAccessTokenVerifier,
  createPassportVerifier,
  createRemoteKeySet,
  mintPassport,
  type Verifier,
} from '@gatehouse/tokens';
import { createSigner, createVerifier } from 'fast-jwt';
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose';
import type { Work } from '../harness/work-process.ts';
import * as material from './material.ts';

const COLD = 2_000;
/** How often each token is verified in a round, so that a round is no matter of warming up again. */
const PASSES = 4;
const CACHED = 10_000;
const MINTED = 2_000;
const ACCESS = { issuer: material.ISSUER, audience: material.EDGE };
const PASSPORT = { issuer: material.GATEWAY, audience: material.TRUST_DOMAIN };

/** Each token, and all over again. */
function each(tokens: readonly string[], verifyOne: (token: string) => unknown): Work {
  return {
    operations: PASSES * tokens.length,
    run: () => {
      for (let pass = 0; pass < PASSES; pass++) for (const token of tokens) verifyOne(token);
    },
  };
}

function eachAwaited(
  tokens: readonly string[],
  verifyOne: (token: string) => Promise<unknown>,
): Work {
  return {
    operations: PASSES * tokens.length,
    run: async () => {
      for (let pass = 0; pass < PASSES; pass++) for (const token of tokens) await verifyOne(token);
    },
  };
}

/** Tokens cut fresh out of a request's bytes, as a server gets them: nothing about a string is known. */
function eachFromBytes(tokens: readonly string[], verifyOne: (token: string) => unknown): Work {
  const heads = tokens.map((token) => Buffer.from(token, 'latin1'));
  return {
    operations: tokens.length,
    run: () => {
      for (const head of heads) verifyOne(head.toString('latin1'));
    },
  };
}

async function rawVerify(tokens: readonly string[], key: typeof material.rsaKey): Promise<Work> {
  const isEc = key.alg === 'ES256';
  const parts = tokens.map(material.rawParts).map(({ data, signature }) => {
    return { data, signature: isEc ? derOf(signature) : signature };
  });
  return {
    operations: PASSES * parts.length,
    run: () => {
      for (let pass = 0; pass < PASSES; pass++) {
        for (const { data, signature } of parts) {
          if (!verify('sha256', data, key.publicKey, signature)) throw new Error('not good');
        }
      }
    },
  };
}

/** DER, which Node verifies faster than the form that tokens carry. */
function derOf(raw: Buffer): Buffer {
  const integer = (half: Buffer): Buffer => {
    const from = half.findIndex((byte) => byte !== 0);
    const sign = (half[from] ?? 0) >= 0x80 ? [0] : [];
    const digits = [...sign, ...half.subarray(from)];
    return Buffer.from([2, digits.length, ...digits]);
  };
  const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

async function gatehouseKeys() {
  const keys = createRemoteKeySet({ url: await material.serveKeys() });
  await keys.start();
  return keys;
}

async function gatehouseAccess(cacheEntries: number) {
  return createAccessTokenVerifier({ ...ACCESS, keys: await gatehouseKeys(), cacheEntries });
}

function verified<C>(verifier: Verifier<C>): (token: string) => C {
  return (token) => {
    const claims = verifier.verifyCached(token);
    if (claims === undefined) throw new Error('not cached');
    return claims;
  };
}

function fastJwt(key: typeof material.rsaKey, cache: number | boolean) {
  const { issuer, audience } = key.alg === 'RS256' ? ACCESS : PASSPORT;
  const pem = key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  return createVerifier({
    key: pem,
    algorithms: [key.alg],
    allowedIss: issuer,
    allowedAud: audience,
    cache,
    clockTimestamp: material.passportNowSeconds * 1000,
  });
}

async function joseRemote(expected: typeof ACCESS, typ: string, alg: string) {
  const keys = createRemoteJWKSet(await material.serveKeys());
  const currentDate = new Date(material.passportNowSeconds * 1000);
  const options = { ...expected, typ, algorithms: [alg], currentDate };
  return (token: string) => jwtVerify(token, keys, options);
}

/** By the names of the subjects in bench.ts. */
export const works: Readonly<Record<string, () => Promise<Work>>> = {
  'RS256 cold: crypto.verify': () => rawVerify(material.accessTokens(COLD), material.rsaKey),
  'RS256 cold: gatehouse': async () => {
    const verifier = await gatehouseAccess(0);
    return eachAwaited(material.accessTokens(COLD), (token) => verifier.verify(token));
  },
  'RS256 cold: fast-jwt': async () =>
    each(material.accessTokens(COLD), fastJwt(material.rsaKey, false)),
  'RS256 cold: jose, remote set': async () =>
    eachAwaited(material.accessTokens(COLD), await joseRemote(ACCESS, 'at+jwt', 'RS256')),
  'ES256 cold: crypto.verify': () => rawVerify(material.passports(COLD), material.ecKey),
  'ES256 cold: gatehouse': async () => {
    const options = { trustDomain: material.TRUST_DOMAIN, keys: await gatehouseKeys() };
    const clock = material.passportClock;
    const verifier = createPassportVerifier({ ...options, clock, cacheEntries: 0 });
    return eachAwaited(material.passports(COLD), (token) => verifier.verify(token));
  },
  'ES256 cold: fast-jwt': async () =>
    each(material.passports(COLD), fastJwt(material.ecKey, false)),
  'ES256 cold: jose, remote set': async () =>
    eachAwaited(material.passports(COLD), await joseRemote(PASSPORT, 'txntoken+jwt', 'ES256')),
  'RS256 cached: gatehouse': async () => {
    const tokens = material.accessTokens(CACHED);
    const verifier = await gatehouseAccess(2 * CACHED);
    for (const token of tokens) await verifier.verify(token);
    return eachFromBytes(tokens, verified(verifier));
  },
  'RS256 cached: fast-jwt': async () => {
    const tokens = material.accessTokens(CACHED);
    const verifyOne = fastJwt(material.rsaKey, 2 * CACHED);
    for (const token of tokens) verifyOne(token);
    return eachFromBytes(tokens, verifyOne);
  },
  'ES256 mint: crypto.sign': async () => {
    const data = material.passports(MINTED).map((token) => material.rawParts(token).data);
    return {
      operations: MINTED,
      run: () => {
        for (const bytes of data) sign('sha256', bytes, material.ecKey.privateKey);
      },
    };
  },
  'ES256 mint: gatehouse': async () => {
    const claims = Array.from({ length: MINTED }, (_, number) => material.passportClaims(number));
    return {
      operations: MINTED,
      run: () => {
        for (const one of claims) mintPassport(material.ecKey, one);
      },
    };
  },
  'ES256 mint: jose': async () => {
    const claims = Array.from({ length: MINTED }, (_, number) => material.passportClaims(number));
    const header = { alg: 'ES256', typ: 'txntoken+jwt', kid: material.ecKey.kid };
    return {
      operations: MINTED,
      run: async () => {
        for (const one of claims) {
          await new SignJWT({ ...one }).setProtectedHeader(header).sign(material.ecKey.privateKey);
        }
      },
    };
  },
  'ES256 mint: fast-jwt': async () => {
    const claims = Array.from({ length: MINTED }, (_, number) => material.passportClaims(number));
    const key = material.ecKey.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const header = { alg: 'ES256', typ: 'txntoken+jwt' };
    const signOne = createSigner({ key, algorithm: 'ES256', kid: material.ecKey.kid, header });
    return {
      operations: MINTED,
      run: () => {
        for (const one of claims) signOne({ ...one });
      },
    };
  },
};
