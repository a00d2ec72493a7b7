import { type AccessRule, ANY_WORKLOAD } from '@gatehouse/contracts';
import type { ErrorFactory, GatehouseError } from '@gatehouse/errors';
import { accessErrors } from './errors.ts';
import type { AccessSubject } from './subject.ts';

/** What a decision is about. */
export interface AccessRequest {
  readonly subject: AccessSubject;
  /** SPIFFE ID in the peer's certificate. The gateway, deciding at the edge, gives its own. */
  readonly caller: string;
  readonly trustDomain: string;
  /** `gatehouse.board.v1.BoardService/GetPost`. */
  readonly methodId: string;
  /** Whether the revocation feed is stale. */
  readonly revocationsStale: boolean;
}

/** Why a call is refused; stable, for spans and metrics. */
export type DenyReason =
  | 'caller'
  | 'not_signed_in'
  | 'subject'
  | 'method_bound'
  | 'scope'
  | 'role'
  | 'auth_level'
  | 'stale';

/** The response to one request. */
export type Decision =
  | { readonly allow: true }
  | { readonly allow: false; readonly reason: DenyReason; readonly error: GatehouseError };

const ALLOWED: Decision = Object.freeze({ allow: true });
const STALE_RETRY_SECONDS = 5;
// SPIFFE ID, sections 2.1 and 2.2: letters, digits, dots, dashes, underscores; no dot segment.
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
const WORKLOAD_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/;

const FACTORIES: Readonly<Record<DenyReason, ErrorFactory>> = {
  caller: accessErrors.CALLER,
  not_signed_in: accessErrors.NOT_SIGNED_IN,
  subject: accessErrors.SUBJECT,
  method_bound: accessErrors.METHOD_BOUND,
  scope: accessErrors.SCOPE,
  role: accessErrors.ROLE,
  auth_level: accessErrors.AUTH_LEVEL,
  stale: accessErrors.STALE,
};

/**
 * Decides whether a request meets a method's access rule. What is not allowed in so many words is
 * refused. Two independent questions, both always asked:
 *
 * - *Who calls?* The peer must be one of `rule.callers`.
 * - *For whom?* By `rule.subject`:
 *   - `ANYONE`: a person, or an anonymous subject that is bound to this method or, at the edge, to
 *     none yet. A workload is not anyone: it would get past the limits that hold for people.
 *   - `SIGNED_IN`: a person with all scopes, any of the roles, and the level. A workload never is.
 *   - `WORKLOAD`: a workload whose SPIFFE ID is the caller's, with the scopes, roles and level where
 *     the rule names some. A passport that another workload drew does not do.
 *   - `NONE`: not asked; the caller's certificate alone decides.
 *
 * The first that fails is the reason, in the order caller, subject, scopes, roles, level, and last
 * whether a `fresh` method can be answered at all.
 *
 * Does not check: signatures, times and revocations (the verifier did), the fields, and what depends
 * on data (whether this person may change this post).
 */
export function decide(rule: AccessRule, request: AccessRequest): Decision {
  if (!isCallerAllowed(rule, request)) return deny('caller');
  const reason = subjectFault(rule, request) ?? demandFault(rule, request.subject);
  if (reason !== undefined) return deny(reason);
  return rule.fresh && request.revocationsStale ? deny('stale') : ALLOWED;
}

function deny(reason: DenyReason): Decision {
  const options = reason === 'stale' ? { retryAfterSeconds: STALE_RETRY_SECONDS } : {};
  return { allow: false, reason, error: FACTORIES[reason](options) };
}

function isCallerAllowed(rule: AccessRule, { caller, trustDomain }: AccessRequest): boolean {
  const domain = `spiffe://${trustDomain}`;
  if (!TRUST_DOMAIN.test(trustDomain) || !caller.startsWith(`${domain}/`)) return false;
  if (!WORKLOAD_PATH.test(caller.slice(domain.length))) return false;
  return rule.callers.some((name) => name === ANY_WORKLOAD || caller === `${domain}/${name}`);
}

function subjectFault(rule: AccessRule, request: AccessRequest): DenyReason | undefined {
  const { subject } = request;
  switch (rule.subject) {
    case 'NONE':
      return undefined;
    case 'ANYONE':
      return anyoneFault(request);
    case 'SIGNED_IN':
      if (subject.kind === 'person') return undefined;
      return subject.kind === 'workload' ? 'subject' : 'not_signed_in';
    case 'WORKLOAD':
      if (subject.kind === 'none') return 'not_signed_in';
      return subject.kind === 'workload' && subject.id === request.caller ? undefined : 'subject';
    default:
      return impossible(rule.subject);
  }
}

function anyoneFault({ subject, methodId }: AccessRequest): DenyReason | undefined {
  switch (subject.kind) {
    case 'person':
      return undefined;
    case 'anonymous':
      return subject.method === undefined || subject.method === methodId
        ? undefined
        : 'method_bound';
    case 'workload':
      return 'subject';
    case 'none':
      return 'not_signed_in';
    default:
      return impossible(subject.kind);
  }
}

function demandFault(rule: AccessRule, subject: AccessSubject): DenyReason | undefined {
  if (rule.subject !== 'SIGNED_IN' && rule.subject !== 'WORKLOAD') return undefined;
  if (!rule.scopes.every((scope) => subject.scopes.includes(scope))) return 'scope';
  if (rule.roles.length > 0 && !rule.roles.some((role) => subject.roles.includes(role))) {
    return 'role';
  }
  return subject.authLevel >= rule.authLevel ? undefined : 'auth_level';
}

// A kind that a later version adds fails to compile here, and is refused when it gets here anyway.
function impossible(_kind: never): DenyReason {
  return 'subject';
}
