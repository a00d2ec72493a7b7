/** Whether a token is good, by the keys of the platform that runs. */
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
import type { TokenParts } from './describe.ts';

/** What was found. */
export type Verdict =
  | { readonly good: true; readonly says: string }
  | { readonly good: false; readonly says: string };

const TIMEOUT_MS = 5_000;

/**
 * Verifies a token as whom it is meant for would: the edge an access token, a service the others. An
 * access token is then shown to auth, which knows of sessions that ended.
 *
 * @throws Error when the platform's keys cannot be had.
 */
export async function judge(
  report: PlatformReport,
  token: string,
  { kind }: TokenParts,
): Promise<Verdict> {
  if (kind === 'unknown token') return { good: false, says: 'no token of Gatehouse (by its typ)' };
  const base = `http://127.0.0.1:${portOf(report, 'auth', 'http')}`;
  const document = kind === 'passport' ? 'txn-jwks.json' : 'jwks.json';
  const keys = createStaticKeySet(await keysAt(`${base}/.well-known/${document}`));
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
    if (thrown instanceof TokenError) return { good: false, says: thrown.message };
    throw thrown;
  }
  if (kind !== 'access token')
    return { good: true, says: 'signature, times and audience are good' };
  return (await isActive(report, token))
    ? { good: true, says: 'signature, times and audience are good, and its session goes on' }
    : { good: false, says: 'well signed, and its session has ended or its rights have changed' };
}

async function keysAt(url: string): Promise<JwkSet> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return (await answer.json()) as JwkSet;
}

async function isActive(report: PlatformReport, token: string): Promise<boolean> {
  const url = `http://127.0.0.1:${portOf(report, 'gateway', 'http')}/auth/v1/validate`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`the edge answered ${answer.status} to /auth/v1/validate`);
  const { active } = (await answer.json()) as { readonly active: boolean };
  return active;
}
