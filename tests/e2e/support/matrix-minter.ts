/**
 * Makes every kind of token, the good ones with the platform's own keys: whoever owns the data
 * folder can open auth's, and whoever has a gateway's certificate can register a passport key. So a
 * bad token has one fault only, and it is that fault that is refused.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EDGE_AUDIENCE } from '@gatehouse/platform';
import { openDatabase } from '@gatehouse/postgres';
import {
  type AccessTokenClaims,
  generateSigningKey,
  mintAccessToken,
  mintKeyProof,
  mintPassport,
  mintServiceToken,
  type PassportClaims,
  type Signer,
  type SigningKey,
  systemClock,
} from '@gatehouse/tokens';
import { CompactSign } from 'jose';
import type { AuthTables } from '../../../services/auth/src/database.ts';
import { KeyEncryption } from '../../../services/auth/src/keys/encryption.ts';
import { KeyRing } from '../../../services/auth/src/keys/key-ring.ts';
import { target } from './config.ts';

const TRUST_DOMAIN = 'gatehouse.local';

/** Keys that sign what this platform believes, and one that nobody knows. */
export interface MatrixKeys {
  /** Auth's own, for access and service tokens. */
  readonly access: Signer;
  /** Auth's own, for passports. */
  readonly authPassport: Signer;
  /** Made here; to be registered as a gateway's. */
  readonly gateway: SigningKey;
  /** Made here and never registered. */
  readonly unregistered: SigningKey;
  /** A fresh proof that we hold the gateway's key, as its registration takes it. */
  proof(): string;
}

/** Opens auth's keys and makes those of a gateway that is us. */
export async function openMatrixKeys(): Promise<MatrixKeys> {
  const { dataDir, databaseUrls } = target();
  const kek = await readFile(join(dataDir, 'keys', 'kek'), 'utf8');
  const log = { info: () => undefined, warn: () => undefined };
  const url = databaseUrls.auth ?? '';
  const database = openDatabase<AuthTables>({ url, name: 'matrix', log });
  try {
    const own = await KeyRing.open({
      database,
      encryption: new KeyEncryption({
        readKeys: () => [Buffer.from(kek, 'base64')],
        wrongKey: () => new Error('the key-encryption key is not that of this platform'),
      }),
      identity: spiffeId('auth'),
      clock: systemClock,
    });
    const gateway = generateSigningKey('ES256');
    return {
      access: own.access,
      authPassport: own.passport,
      gateway,
      unregistered: generateSigningKey('ES256'),
      proof: () =>
        mintKeyProof(gateway, {
          issuer: spiffeId('gateway'),
          audience: spiffeId('auth'),
          nowMs: Date.now(),
        }),
    };
  } finally {
    await database.close();
  }
}

export function spiffeId(workload: string): string {
  return `spiffe://${TRUST_DOMAIN}/${workload}`;
}

/** Seconds since 1970. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

export function randomId(prefix: string): string {
  return `${prefix}_${randomBytes(13).toString('hex')}`;
}

/** An access token of a person, good for a minute unless the claims given say otherwise. */
export function accessToken(signer: Signer, claims: Partial<AccessTokenClaims>): string {
  return mintAccessToken(signer, accessClaims(claims));
}

export function accessClaims(claims: Partial<AccessTokenClaims>): AccessTokenClaims {
  const iat = nowSeconds();
  return {
    iss: issuer(),
    aud: EDGE_AUDIENCE,
    sub: randomId('usr'),
    client_id: 'gatehouse',
    scope: '',
    roles: [],
    sid: randomId('ses'),
    sv: 1,
    jti: randomId('jti'),
    iat,
    exp: iat + 600,
    auth_level: 1,
    ...claims,
  };
}

/** A service token in a workload's name. */
export function serviceToken(signer: Signer, workload: string): string {
  const iat = nowSeconds();
  return mintServiceToken(signer, {
    iss: issuer(),
    aud: TRUST_DOMAIN,
    sub: workload,
    client_id: workload,
    scope: '',
    jti: randomId('jti'),
    iat,
    exp: iat + 300,
  });
}

/** A passport, by default a gateway's for a person without any right. */
export function passport(signer: Signer, claims: Partial<PassportClaims>): string {
  return mintPassport(signer, passportClaims(claims));
}

export function passportClaims(claims: Partial<PassportClaims>): PassportClaims {
  const iat = nowSeconds();
  return {
    iss: spiffeId('gateway'),
    aud: TRUST_DOMAIN,
    txn: randomId('txn'),
    jti: randomId('jti'),
    sub: randomId('usr'),
    scope: '',
    rctx: { addr: '127.0.0.1', authn: 1, iss: issuer() },
    tctx: { method: 'gatehouse.test.v1.TestService/Test' },
    req_wl: spiffeId('gateway'),
    iat,
    exp: iat + 60,
    ...claims,
  };
}

/** Signs claims that our own minting would refuse, by another library. */
export async function signAnything(
  signer: Signer,
  typ: string,
  claims: PassportClaims | AccessTokenClaims,
): Promise<string> {
  return await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: signer.alg, kid: signer.kid, typ })
    .sign(signer.privateKey);
}

/** The same header and claims with `alg` none and no signature. */
export function unsigned(token: string): string {
  const [header = '', payload = ''] = token.split('.');
  const { alg: _alg, ...members } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const none = Buffer.from(JSON.stringify({ alg: 'none', ...members })).toString('base64url');
  return `${none}.${payload}.`;
}

/** A key of the same kind that calls itself by another's name. */
export function impostorOf(signer: Signer): Signer {
  return { ...generateSigningKey(signer.alg), kid: signer.kid };
}

function issuer(): string {
  return `http://127.0.0.1:${target().ports.auth?.http}`;
}
