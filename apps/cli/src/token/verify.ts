/** Whether a token is valid, by the keys of the running platform. */
import { EDGE_AUDIENCE, type PlatformReport } from '@gatehouse/platform';
import {
  createAccessTokenVerifier,
  createPassportVerifier,
  createServiceTokenVerifier,
  createStaticKeySet,
  type JwkSet,
  TokenError,
} from '@gatehouse/tokens';
import { trustDomain } from '../config.ts';
import { portOf } from '../gateway/admin.ts';
import { requestJson } from '../http.ts';
import type { TokenParts } from './describe.ts';

export interface Verification {
  readonly isValid: boolean;
  readonly detail: string;
}

/**
 * Verifies a token as its audience would: the gateway an access token, a service the others. Auth is
 * also asked whether the session of an access token is still active.
 *
 * @throws Error when the platform's keys are unavailable.
 */
export async function verify(
  report: PlatformReport,
  token: string,
  { kind }: TokenParts,
): Promise<Verification> {
  if (kind === 'unknown token') {
    return { isValid: false, detail: 'not a token of Gatehouse (by its typ)' };
  }
  const base = `http://127.0.0.1:${portOf(report, 'auth', 'http')}`;
  const document = kind === 'passport' ? 'txn-jwks.json' : 'jwks.json';
  const keys = createStaticKeySet(await requestJson<JwkSet>(`${base}/.well-known/${document}`));
  const domain = trustDomain();
  const verifier = {
    passport: () => createPassportVerifier({ trustDomain: domain, keys }),
    'service token': () => createServiceTokenVerifier({ issuer: base, audience: domain, keys }),
    'access token': () =>
      createAccessTokenVerifier({ issuer: base, audience: EDGE_AUDIENCE, keys }),
  }[kind]();
  try {
    await verifier.verify(token);
  } catch (thrown) {
    if (thrown instanceof TokenError) return { isValid: false, detail: thrown.message };
    throw thrown;
  }
  if (kind !== 'access token') return { isValid: true, detail: 'signature, times and audience' };
  return (await isActive(report, token))
    ? { isValid: true, detail: 'signature, times and audience, and its session is active' }
    : {
        isValid: false,
        detail: 'the signature is valid, but its session has ended or its rights have changed',
      };
}

async function isActive(report: PlatformReport, token: string): Promise<boolean> {
  const url = `http://127.0.0.1:${portOf(report, 'gateway', 'http')}/auth/v1/validate`;
  const { active } = await requestJson<{ readonly active: boolean }>(url, { body: { token } });
  return active;
}
