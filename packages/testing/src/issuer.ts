/** Tokens and passports as auth and a gateway would issue them, for tests of those who verify. */
import { randomUUID } from 'node:crypto';
import {
  type AccessTokenClaims,
  type Clock,
  createPassportVerifier,
  createServiceTokenVerifier,
  createStaticKeySet,
  generateSigningKey,
  type JwkSet,
  type KeySource,
  mintAccessToken,
  mintPassport,
  mintServiceToken,
  type PassportClaims,
  type ServiceTokenClaims,
  type SigningKey,
  systemClock,
  toPublicJwk,
} from '@gatehouse/tokens';

const PASSPORT_TTL_SECONDS = 60;
const ACCESS_TOKEN_TTL_SECONDS = 900;
const SERVICE_TOKEN_TTL_SECONDS = 300;
const ISSUER = 'http://127.0.0.1:8091';

/** Verifies passports as a service does; what else it says can be changed by a test. */
export interface TestPassportGate {
  verify: (token: string) => Promise<PassportClaims>;
  revocationsStale: boolean;
}

export interface TestIssuer {
  /** For `ServiceApp.passports`: verifies what this issuer issued. A new one at each call. */
  gate(): TestPassportGate;
  /** Verifies the passports: the keys of the gateway and of auth, each bound to its identity. */
  readonly passportKeys: KeySource;
  /** The same keys as auth publishes them. */
  readonly passportJwks: JwkSet;
  /** The keys of access and service tokens, as auth publishes them. */
  readonly accessJwks: JwkSet;
  /** Verifies the access tokens. */
  readonly accessKeys: KeySource;
  /** A person's passport from the gateway; `claims` replace the defaults. */
  passport(claims?: Partial<PassportClaims>): string;
  /** The anonymous passport of one method. */
  anonymousPassport(method: string): string;
  /** A workload's passport in its own name, from auth. */
  workloadPassport(workload: string, claims?: Partial<PassportClaims>): string;
  /** A person's access token; `claims` replace the defaults. */
  accessToken(claims?: Partial<AccessTokenClaims>): string;
  /** A client's service token; `claims` replace the defaults. */
  serviceToken(claims?: Partial<ServiceTokenClaims>): string;
  /** Verifies the service tokens, as `context.serviceTokens()` does. */
  serviceGate(): { verify: (token: string) => Promise<ServiceTokenClaims> };
}

/**
 * @param options.trustDomain - Default `gatehouse.local`.
 * @param options.clock - Default: the system's.
 */
export function createTestIssuer(
  options: { readonly trustDomain?: string; readonly clock?: Clock } = {},
): TestIssuer {
  const { trustDomain = 'gatehouse.local', clock = systemClock } = options;
  const gateway = generateSigningKey('ES256');
  const auth = generateSigningKey('ES256');
  const gatewayId = `spiffe://${trustDomain}/gateway`;
  const authId = `spiffe://${trustDomain}/auth`;
  const nowSeconds = () => Math.floor(clock.nowMs() / 1_000);
  const person = (): PassportClaims => ({
    iss: gatewayId,
    aud: trustDomain,
    txn: randomUUID(),
    jti: randomUUID(),
    sub: 'usr_01test0000000000000000000',
    sid: 'ses_01test0000000000000000000',
    sv: 1,
    scope: '',
    roles: ['member'],
    rctx: { addr: '192.0.2.1', authn: 1 },
    tctx: { method: 'test' },
    req_wl: gatewayId,
    iat: nowSeconds(),
    exp: nowSeconds() + PASSPORT_TTL_SECONDS,
  });
  const nobody = (): PassportClaims => {
    const { sid: _sid, sv: _sv, roles: _roles, ...rest } = person();
    return { ...rest, rctx: { addr: '192.0.2.1' } };
  };
  // RSA keys take long to make, and most tests need none.
  let accessKey: SigningKey | undefined;
  const accessSigner = () => {
    accessKey ??= generateSigningKey('RS256');
    return accessKey;
  };
  const passportKeys = createStaticKeySet([
    { kid: gateway.kid, alg: 'ES256', key: gateway.publicKey, issuer: gatewayId },
    { kid: auth.kid, alg: 'ES256', key: auth.publicKey, issuer: authId },
  ]);
  return {
    gate: () => {
      const verifier = createPassportVerifier({ trustDomain, keys: passportKeys, clock });
      return { verify: (token) => verifier.verify(token), revocationsStale: false };
    },
    passportKeys,
    passportJwks: {
      keys: [toPublicJwk(gateway, { iss: gatewayId }), toPublicJwk(auth, { iss: authId })],
    },
    get accessJwks() {
      return { keys: [toPublicJwk(accessSigner())] };
    },
    get accessKeys() {
      const { kid, publicKey } = accessSigner();
      return createStaticKeySet([{ kid, alg: 'RS256', key: publicKey }]);
    },
    passport: (claims = {}) => mintPassport(gateway, { ...person(), ...claims }),
    anonymousPassport: (method) => {
      const base = nobody();
      return mintPassport(gateway, {
        ...base,
        sub: `anonymous:${base.txn}`,
        scope: '',
        tctx: { method },
      });
    },
    workloadPassport: (workload, claims = {}) => {
      const id = `spiffe://${trustDomain}/${workload}`;
      return mintPassport(auth, { ...nobody(), iss: authId, sub: id, req_wl: id, ...claims });
    },
    accessToken: (claims = {}) =>
      mintAccessToken(accessSigner(), {
        iss: ISSUER,
        aud: 'https://edge.gatehouse.local',
        sub: 'usr_01test0000000000000000000',
        client_id: 'test',
        scope: '',
        roles: ['member'],
        sid: 'ses_01test0000000000000000000',
        sv: 1,
        jti: randomUUID(),
        iat: nowSeconds(),
        exp: nowSeconds() + ACCESS_TOKEN_TTL_SECONDS,
        ...claims,
      }),
    serviceToken: (claims = {}) =>
      mintServiceToken(accessSigner(), {
        iss: ISSUER,
        aud: trustDomain,
        sub: 'cli_test',
        client_id: 'cli_test',
        scope: '',
        jti: randomUUID(),
        iat: nowSeconds(),
        exp: nowSeconds() + SERVICE_TOKEN_TTL_SECONDS,
        ...claims,
      }),
    serviceGate: () => {
      const { kid, publicKey } = accessSigner();
      const keys = createStaticKeySet([{ kid, alg: 'RS256', key: publicKey }]);
      const options = { issuer: ISSUER, audience: trustDomain, keys, clock };
      const verifier = createServiceTokenVerifier(options);
      return { verify: (token) => verifier.verify(token) };
    },
  };
}
