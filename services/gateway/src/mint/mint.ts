/** The passport of an admitted request: for whom, for what, from where. */
import { randomUUID } from 'node:crypto';
import { type AccessSubject, passportScopes } from '@gatehouse/access';
import { type Clock, mintPassport, type PassportClaims, type Signer } from '@gatehouse/tokens';
import { edgeErrors } from '../errors.ts';
import { invalidToken } from '../identify/bearer.ts';
import type { EdgeClaims } from '../identify/edge-claims.ts';
import type { Identity } from '../identify/identify.ts';
import type { CanonicalRequest } from '../receive/canonical-request.ts';
import type { RoutedMethod } from '../route/route-table.ts';
import type { PassportKey } from './passport-key.ts';
import { passportRoles } from './passport-roles.ts';
import type { SharedPassports } from './shared-passports.ts';

/** What minting stands on. */
export interface MintParts {
  readonly key: Pick<PassportKey, 'signer'>;
  readonly shared: SharedPassports;
  readonly identity: string;
  readonly trustDomain: string;
  readonly clock: Clock;
  /** Signs, and may say of itself what a gateway alone is called. Default: {@link mintPassport}. */
  readonly write?: (signer: Signer, claims: PassportClaims) => string;
}

/** An admitted request. */
export interface Admitted {
  readonly request: Pick<CanonicalRequest, 'verb' | 'address'>;
  readonly method: Pick<RoutedMethod, 'id' | 'rule'>;
  readonly identity: Identity;
  readonly subject: AccessSubject;
}

const LIFE_SECONDS = 60;

/**
 * The passport to forward a request with.
 *
 * GET and HEAD of one token share one for ten seconds, per method, client address and signing key;
 * every other request gets its own, with its own `txn`. It lives 60 s at most and never beyond the
 * access token. Its scope is what the token has of what the method asks for and carries.
 *
 * @returns the compact token: a secret.
 * @throws GatehouseError `gateway.not_ready` while auth leases no key; Refused 401 for a token that
 * ended since it was verified.
 */
export function passportFor(parts: MintParts, admitted: Admitted): string {
  const signer = parts.key.signer();
  if (signer === undefined) throw edgeErrors.NOT_READY();
  const { identity, request, method } = admitted;
  const { token, claims } = identity;
  const shareable = request.verb === 'GET' || request.verb === 'HEAD';
  if (token === undefined || claims === undefined || !shareable) {
    return mintFresh(parts, signer, admitted);
  }
  const key = { token, methodId: method.id, address: request.address, kid: signer.kid };
  const known = parts.shared.get(key);
  if (known !== undefined) return known;
  const passport = mintFresh(parts, signer, admitted);
  parts.shared.set(key, { token: passport, sessionId: claims.sid ?? '' });
  return passport;
}

/** A passport of its own, with its own `txn`. */
export function mintFresh(
  parts: Omit<MintParts, 'shared'>,
  signer: Signer,
  admitted: Admitted,
): string {
  const { identity, method, request, subject } = admitted;
  const txn = randomUUID();
  const iat = Math.floor(parts.clock.nowMs() / 1000);
  const common = {
    iss: parts.identity,
    aud: parts.trustDomain,
    txn,
    jti: randomUUID(),
    tctx: { method: method.id },
    req_wl: parts.identity,
    iat,
  };
  const { address } = request;
  const { claims } = identity;
  // A body may be so slow to come that the token has ended since it was verified.
  if (claims !== undefined && claims.exp <= iat) throw invalidToken();
  const write = parts.write ?? mintPassport;
  return write(
    signer,
    claims === undefined
      ? { ...common, ...anonymous(txn, address), exp: iat + LIFE_SECONDS }
      : {
          ...common,
          ...person(claims, address),
          roles: claims.foreign ? passportRoles(method.rule, claims.roles) : claims.roles,
          scope: passportScopes(method.rule, subject),
          exp: Math.min(iat + LIFE_SECONDS, claims.exp),
        },
  );
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
