import type { TokenForm } from '../jws/compact.ts';
import type { JsonObject } from '../jws/strict-json.ts';
import {
  badClaim,
  lifetime,
  objectMember,
  optionalCount,
  optionalText,
  optionalTextList,
  scope,
  text,
  type Writable,
} from './read.ts';
import { anonymousSubject, authIdentity, isPerson, isWorkloadOf, MAX_LEVEL } from './subject.ts';
import type { PassportClaims, PassportRequesterContext } from './types.ts';

/** Header of a passport (draft-ietf-oauth-transaction-tokens). */
export const PASSPORT: TokenForm = { typ: 'txntoken+jwt', alg: 'ES256' };

/** Longest life of a passport. */
export const MAX_PASSPORT_SECONDS = 60;

/**
 * Reads the claims of a passport and checks that they agree with each other: life of at most 60 s,
 * subject of one of the three forms, an anonymous one tied to its `txn` and without any rights, and
 * a workload's subject signed for by auth. Members that are not listed there are left out.
 *
 * @throws TokenError `claim`. Whether `aud` is the right trust domain, `iss` the identity
 *   of the key, and the time right is not checked.
 */
export function readPassportClaims(payload: JsonObject): PassportClaims {
  const claims = readPassportForm(payload);
  assertSubject(claims);
  return claims;
}

/**
 * The part that every passport has, whoever signed it: the claims, a life of at most 60 s, and no
 * rights for nobody. Whom it may speak for is not checked.
 *
 * @throws TokenError `claim`.
 */
export function readPassportForm(payload: JsonObject): PassportClaims {
  const sid = optionalText(payload, 'sid');
  const sv = optionalCount(payload, 'sv');
  const roles = optionalTextList(payload, 'roles');
  const { iat, exp } = lifetime(payload);
  if (exp - iat > MAX_PASSPORT_SECONDS) throw badClaim('exp');
  const claims: Writable<PassportClaims> = {
    iss: text(payload, 'iss'),
    aud: text(payload, 'aud'),
    txn: text(payload, 'txn'),
    jti: text(payload, 'jti'),
    sub: text(payload, 'sub'),
    scope: scope(payload),
    rctx: readRequesterContext(objectMember(payload, 'rctx')),
    tctx: Object.freeze({ method: text(objectMember(payload, 'tctx'), 'method') }),
    req_wl: text(payload, 'req_wl'),
    iat,
    exp,
  };
  if (sid !== undefined) claims.sid = sid;
  if (sv !== undefined) claims.sv = sv;
  if (roles !== undefined) claims.roles = roles;
  if (claims.sub === anonymousSubject(claims.txn)) assertNoRights(claims);
  return Object.freeze(claims);
}

function readRequesterContext(context: JsonObject): PassportRequesterContext {
  const addr = optionalText(context, 'addr');
  const authn = optionalCount(context, 'authn', MAX_LEVEL);
  const iss = optionalText(context, 'iss');
  const known: Writable<PassportRequesterContext> = {};
  if (addr !== undefined) known.addr = addr;
  if (authn !== undefined) known.authn = authn;
  if (iss !== undefined) known.iss = iss;
  return Object.freeze(known);
}

function assertSubject(claims: PassportClaims): void {
  if (!isWorkloadOf(claims.aud, claims.iss)) throw badClaim('iss');
  if (isPerson(claims.sub) || claims.sub === anonymousSubject(claims.txn)) return;
  if (!isWorkloadOf(claims.aud, claims.sub)) throw badClaim('sub');
  // A gateway's key that leaked must not speak for a workload.
  if (claims.iss !== authIdentity(claims.aud)) throw badClaim('sub');
}

function assertNoRights(claims: PassportClaims): void {
  if (claims.sid !== undefined) throw badClaim('sid');
  if (claims.sv !== undefined) throw badClaim('sv');
  if (claims.scope !== '') throw badClaim('scope');
  if (claims.roles !== undefined && claims.roles.length > 0) throw badClaim('roles');
}
