/**
 * Token exchange (RFC 8693) at the token endpoint, for workloads by mutual TLS: passports and the grants
 * from which they are drawn (draft-ietf-oauth-transaction-tokens).
 */
import { parseSpiffeId } from '@gatehouse/chassis';
import { badParameter, oauthErrors } from '../oauth/errors.ts';
import { type Form, required } from '../oauth/form.ts';
import { type OAuthHandler, type OAuthRequest, originOf } from '../oauth/http.ts';
import type { CreateGrant } from './create.ts';
import type { DrawPassport } from './draw-passport.ts';
import { GRANT_LIMITS } from './rules.ts';
import type { IssuedPassport, WorkloadPassport } from './workload-passport.ts';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const PASSPORT = 'urn:ietf:params:oauth:token-type:txn_token';
const UNSIGNED = 'urn:ietf:params:oauth:token-type:unsigned_json';
const GRANT = 'urn:gatehouse:params:oauth:token-type:txn_grant';
/** `tctx.method` of a workload's own passport, unless it says another. */
const OWN_WORK = 'workload';
const METHOD = /^[\x21-\x7e]{1,200}$/;
const PURPOSE = /^[\p{L}\p{N}\p{P}\p{S} ]+$/u;

export interface ExchangeParts {
  readonly workloadPassport: WorkloadPassport;
  readonly createGrant: CreateGrant;
  readonly drawPassport: DrawPassport;
  readonly trustDomain: string;
}

interface Workload {
  /** SPIFFE ID. */
  readonly id: string;
  readonly name: string;
}

type Exchange = (form: Form, workload: Workload, request: OAuthRequest) => Promise<object>;

/** @returns the body of a success (RFC 8693, section 2.2.1). */
export function tokenExchange(parts: ExchangeParts): OAuthHandler {
  const exchanges: Readonly<Record<string, Exchange>> = {
    [`${UNSIGNED} ${PASSPORT}`]: (form, workload) => ownPassport(parts, form, workload),
    [`${PASSPORT} ${GRANT}`]: (_form, workload, request) => grant(parts, request, workload),
    [`${GRANT} ${PASSPORT}`]: (form, workload) => drawn(parts, form, workload),
  };
  return async (request) => {
    const { form, peer, credentials } = request;
    const workload = workloadOf(peer);
    // The certificate says who asks (RFC 8705); a second proof could say another.
    if (credentials !== undefined)
      throw badParameter('client_id', 'is proved in more than one way');
    if (required(form, 'audience') !== parts.trustDomain) throw oauthErrors.INVALID_TARGET();
    if (form.has('actor_token')) throw badParameter('actor_token', 'is not supported');
    const kinds = `${required(form, 'subject_token_type')} ${required(form, 'requested_token_type')}`;
    const exchange = Object.hasOwn(exchanges, kinds) ? exchanges[kinds] : undefined;
    if (exchange === undefined) {
      throw badParameter('requested_token_type', 'is not issued for that kind of subject_token');
    }
    return exchange(form, workload, request);
  };
}

function workloadOf(peer: string | undefined): Workload {
  const service = peer === undefined ? undefined : parseSpiffeId(peer)?.service;
  if (peer === undefined || service === undefined) throw oauthErrors.UNAUTHORIZED_CLIENT();
  return { id: peer, name: service };
}

async function ownPassport(parts: ExchangeParts, form: Form, { id, name }: Workload) {
  const { sub } = jsonOf('subject_token', required(form, 'subject_token'));
  if (sub !== id) throw oauthErrors.INVALID_GRANT();
  const details = form.get('request_details');
  const { method = OWN_WORK } = details === undefined ? {} : jsonOf('request_details', details);
  if (typeof method !== 'string' || !METHOD.test(method)) {
    throw badParameter('request_details', 'has an invalid method');
  }
  const scope = form.get('scope');
  return passportBody(await parts.workloadPassport({ workload: id, name, scope, method }));
}

async function drawn(parts: ExchangeParts, form: Form, workload: Workload) {
  const grantId = required(form, 'subject_token');
  const scope = form.get('scope');
  return passportBody(await parts.drawPassport({ workload: workload.id, grantId, scope }));
}

async function grant(parts: ExchangeParts, request: OAuthRequest, { id, name }: Workload) {
  const { form } = request;
  const purpose = required(form, 'purpose');
  if (!PURPOSE.test(purpose) || purpose.length > GRANT_LIMITS.maxPurposeChars) {
    throw badParameter('purpose', `must be a line of at most ${GRANT_LIMITS.maxPurposeChars}`);
  }
  const issued = await parts.createGrant({
    workload: id,
    name,
    passport: required(form, 'subject_token'),
    scope: form.get('scope'),
    purpose,
    lifeSeconds: lifeOf(form.get('requested_expiry')),
    origin: { ...originOf(request), address: '' },
  });
  return body(GRANT, issued.grantId, issued);
}

function lifeOf(text: string | undefined): number {
  if (text === undefined) return GRANT_LIMITS.defaultSeconds;
  const seconds = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= GRANT_LIMITS.maxSeconds) return seconds;
  throw badParameter('requested_expiry', `must be 1 to ${GRANT_LIMITS.maxSeconds} seconds`);
}

function passportBody(issued: IssuedPassport): object {
  return body(PASSPORT, issued.token, issued);
}

function body(
  type: string,
  token: string,
  { scope, expiresInSeconds }: { readonly scope: string; readonly expiresInSeconds: number },
): object {
  return {
    access_token: token,
    issued_token_type: type,
    // No access token: nobody takes it as one (RFC 8693, section 2.2.1).
    token_type: 'N_A',
    expires_in: expiresInSeconds,
    ...(scope === '' ? {} : { scope }),
  };
}

function jsonOf(name: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Said below.
  }
  throw badParameter(name, 'is not a JSON object');
}
