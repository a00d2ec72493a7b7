/** Whose tokens the gateways take: one RSA key, as a key set and as PEM, and as many tokens as wanted. */
import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ISSUER = 'https://login.example';
export const AUDIENCE = 'https://api.example';
const LIFE_SECONDS = 4 * 3600;

/** The files of an issuer. */
export interface IssuerFiles {
  readonly jwksFile: string;
  readonly pemFile: string;
  /** The private key, for those who sign by themselves. */
  readonly keyFile: string;
  /** A private key set of somebody else: what a gateway signs its own tokens with. */
  readonly signingKeysFile: string;
  /** A good token, of somebody else each time. */
  token(): string;
  /** One that looks as good, and whose signature is noise. */
  forged(): string;
}

/** @param options.alg - ES256 where a million tokens are to be signed. */
export function makeIssuer(
  folder: string,
  options: { readonly alg: 'RS256' | 'ES256' },
): IssuerFiles {
  const { alg } = options;
  const kid = 'bench';
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [jwksFile, pemFile] = [join(folder, 'jwks.json'), join(folder, 'issuer.pem')];
  const keyFile = join(folder, 'issuer-key.pem');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  writeFileSync(jwksFile, JSON.stringify({ keys: [jwk] }));
  writeFileSync(pemFile, publicKey.export({ format: 'pem', type: 'spki' }));
  const signingKeysFile = join(folder, 'signing-keys.json');
  writeFileSync(signingKeysFile, JSON.stringify(makeSigningKeys()), { mode: 0o600 });
  writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = encode({ alg, typ: 'at+jwt', kid });
  const unsigned = (): string => {
    const iat = Math.floor(Date.now() / 1000);
    const person = {
      sub: `user-${randomUUID()}`,
      scope: 'items:read items:write',
      client_id: 'web',
    };
    const times = { jti: randomUUID(), iat, exp: iat + LIFE_SECONDS };
    return `${head}.${encode({ iss: ISSUER, aud: AUDIENCE, ...person, ...times })}`;
  };
  const signatureBytes = alg === 'RS256' ? 256 : 64;
  return {
    jwksFile,
    pemFile,
    keyFile,
    signingKeysFile,
    token: () => {
      const input = unsigned();
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
      return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
    },
    forged: () => `${unsigned()}.${randomBytes(signatureBytes).toString('base64url')}`,
  };
}

function makeSigningKeys() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const known = { kid: 'edge', alg: 'ES256', use: 'sig' };
  return { keys: [{ ...privateKey.export({ format: 'jwk' }), ...known }] };
}
