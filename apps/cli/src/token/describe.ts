/** What a token contains, in words. Nothing is verified here. */
import { duration } from '../terminal/text.ts';

/** A parsed token. */
export interface TokenParts {
  readonly kind: 'access token' | 'service token' | 'passport' | 'unknown token';
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

const TIMES = new Set(['iat', 'exp', 'nbf', 'auth_time']);
const MEANINGS: Readonly<Record<string, string>> = {
  iss: 'issuer',
  aud: 'audience',
  sub: 'subject',
  client_id: 'client',
  scope: 'scopes',
  roles: 'roles',
  sid: 'session',
  sv: 'session version',
  jti: 'token id',
  txn: 'transaction',
  tctx: 'transaction context',
  rctx: 'requester context',
  req_wl: 'requesting workload',
  iat: 'issued at',
  exp: 'expires at',
  nbf: 'not before',
  acr: 'authentication',
  auth_level: 'authentication level',
};

/** @returns undefined when header or payload is not a JSON object in base64url. */
export function parseToken(token: string): TokenParts | undefined {
  const [head = '', payload = ''] = token.split('.');
  const header = objectOf(head);
  const claims = objectOf(payload);
  if (header === undefined || claims === undefined) return undefined;
  return { kind: kindOf(header, claims), header, claims };
}

/** One row for each claim: name, what it means, value. Times are in words, as seen from `nowMs`. */
export function rowsOf(
  claims: TokenParts['claims'],
  nowMs: number,
): readonly (readonly string[])[] {
  return Object.entries(claims).map(([name, value]) => [
    name,
    MEANINGS[name] ?? '',
    TIMES.has(name) && typeof value === 'number' ? momentOf(value, nowMs) : textOf(value),
  ]);
}

/** `2026-11-20T18:02:11Z, 12 minutes ago`. */
export function momentOf(seconds: number, nowMs: number): string {
  const date = new Date(seconds * 1_000);
  if (Number.isNaN(date.getTime())) return `${seconds} (not a time)`;
  const distanceMs = seconds * 1_000 - nowMs;
  const words = distanceMs < 0 ? `${duration(distanceMs)} ago` : `in ${duration(distanceMs)}`;
  return `${date.toISOString().replace('.000Z', 'Z')}, ${words}`;
}

function kindOf({ typ }: TokenParts['header'], { sub }: TokenParts['claims']): TokenParts['kind'] {
  if (typ === 'txntoken+jwt') return 'passport';
  if (typ !== 'at+jwt') return 'unknown token';
  return typeof sub === 'string' && sub.startsWith('usr_') ? 'access token' : 'service token';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function objectOf(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}
