/** The passport of a request that may pass: for whom, for what, from where. */
import { randomUUID } from 'node:crypto';
import { type AccessSubject, passportScopes } from '@gatehouse/access';
import { type Clock, mintPassport, type PassportClaims, type Signer } from '@gatehouse/tokens';
import type { Asking } from '../decide/request.ts';
import { edgeErrors } from '../errors.ts';
import { invalidToken } from '../identify/bearer.ts';
import type { EdgeClaims } from '../identify/edge-claims.ts';
import type { PassportCache } from './passport-cache.ts';
import type { PassportKey } from './passport-key.ts';
import { passportRoles } from './passport-roles.ts';

/** What minting stands on. */
export interface MintParts {
  readonly key: Pick<PassportKey, 'signer'>;
  readonly passports: PassportCache;
  readonly identity: string;
  readonly trustDomain: string;
  readonly clock: Clock;
  /** Signs, and may say of itself what a standalone gateway is called. Default: {@link mintPassport}. */
  readonly write?: (signer: Signer, claims: PassportClaims) => string;
}

const LIFE_SECONDS = 60;

/**
 * The passport of an equal request of the last ten seconds, which the rule allowed. GET and HEAD of one
 * token share one per route, client address and signing key.
 *
 * @returns undefined: it has to be minted.
 */
export function sharedPassport(parts: MintParts, asking: Asking): string | undefined {
  if (!isShareable(asking)) return undefined;
  const signer = parts.key.signer();
  return signer === undefined ? undefined : parts.passports.find(asking, signer.kid);
}

/**
 * Mints the passport to forward a request with, and keeps it where others may share it.
 *
 * It has its own `txn`, and lives 60 s at most and never beyond the access token. Its scope is what the
 * token has of what the route asks for and carries.
 *
 * @returns the compact token: a secret.
 * @throws GatehouseError `gateway.not_ready` while auth leases no key; Refused 401 for a token that
 * ended since it was verified.
 */
export function mint(parts: MintParts, asking: Asking, subject: AccessSubject): string {
  const signer = parts.key.signer();
  if (signer === undefined) throw edgeErrors.NOT_READY();
  const iat = Math.floor(parts.clock.nowMs() / 1000);
  const claims = passportClaims(parts, asking, { subject, iat });
  const passport = (parts.write ?? mintPassport)(signer, claims);
  if (isShareable(asking)) parts.passports.keep(asking, signer.kid, passport);
  return passport;
}

function isShareable({ verb, identity }: Asking): boolean {
  return identity.claims !== undefined && (verb === 'GET' || verb === 'HEAD');
}

function passportClaims(
  parts: MintParts,
  { route, address, identity: { claims } }: Asking,
  { subject, iat }: { readonly subject: AccessSubject; readonly iat: number },
): PassportClaims {
  // A body may be so slow to come that the token has ended since it was verified.
  if (claims !== undefined && claims.exp <= iat) throw invalidToken();
  const txn = randomUUID();
  const common = {
    iss: parts.identity,
    aud: parts.trustDomain,
    txn,
    jti: randomUUID(),
    tctx: { method: route.id },
    req_wl: parts.identity,
    iat,
  };
  if (claims === undefined) {
    return { ...common, ...anonymous(txn, address), exp: iat + LIFE_SECONDS };
  }
  return {
    ...common,
    ...person(claims, address),
    roles: claims.external ? passportRoles(route.rule, claims.roles) : claims.roles,
    scope: passportScopes(route.rule, subject),
    exp: Math.min(iat + LIFE_SECONDS, claims.exp),
  };
}

function anonymous(txn: string, address: string): Pick<PassportClaims, 'sub' | 'scope' | 'rctx'> {
  return { sub: `anonymous:${txn}`, scope: '', rctx: { addr: address } };
}

function person(
  claims: EdgeClaims,
  address: string,
): Pick<PassportClaims, 'sub' | 'sid' | 'sv' | 'rctx'> {
  const level = claims.auth_level === undefined ? {} : { authn: claims.auth_level };
  return {
    sub: claims.sub,
    ...(claims.sid === undefined ? {} : { sid: claims.sid }),
    ...(claims.sv === undefined ? {} : { sv: claims.sv }),
    rctx: { addr: address, iss: claims.iss, ...level },
  };
}
