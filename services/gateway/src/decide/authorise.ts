/** Whether the caller may: the rule of the method, asked before anything is minted. */
import { type AccessSubject, type DenyReason, decide } from '@gatehouse/access';
import { Refused } from '../errors.ts';
import { subjectOf } from '../identify/edge-claims.ts';
import type { Identity } from '../identify/identify.ts';
import type { RoutedMethod } from '../route/route-table.ts';

/** Where the decision is made. */
export interface AuthoriseParts {
  /** The gateway's own SPIFFE ID: it is the workload that will call. */
  readonly identity: string;
  readonly trustDomain: string;
  readonly newsStale: boolean;
  /** Told what was decided, for spans. */
  readonly note: (decision: 'allow' | DenyReason) => void;
}

/**
 * Decides on a request by the method's rule.
 *
 * @returns the subject that a passport may be minted for.
 * @throws GatehouseError `access.*`; a scope that is missing as Refused with the challenge of
 * RFC 6750, section 3.1 (`insufficient_scope`).
 */
export function authorise(
  parts: AuthoriseParts,
  method: Pick<RoutedMethod, 'id' | 'rule'>,
  identity: Identity,
): AccessSubject {
  const subject = subjectOf(identity.claims);
  const decision = decide(method.rule, {
    subject,
    caller: parts.identity,
    trustDomain: parts.trustDomain,
    methodId: method.id,
    newsStale: parts.newsStale,
  });
  parts.note(decision.allow ? 'allow' : decision.reason);
  if (decision.allow) return subject;
  if (decision.reason !== 'scope') throw decision.error;
  const scope = method.rule.scopes.join(' ');
  throw new Refused(decision.error, {
    'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"`,
  });
}
