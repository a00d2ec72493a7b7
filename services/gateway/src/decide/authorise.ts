/** Whether the caller may: the rule of the route, asked before anything is minted. */
import { type AccessSubject, decide } from '@gatehouse/access';
import { Refused } from '../errors.ts';
import { subjectOf } from '../identify/edge-claims.ts';
import type { RequestRecord } from '../observe/record.ts';
import type { Asking } from './request.ts';

/** Where the decision is made. */
export interface DecideParts {
  /** The gateway's own SPIFFE ID: it is the workload that will call. */
  readonly identity: string;
  readonly trustDomain: string;
  /** Whether the revocation feed is too old for routes marked `fresh`. */
  readonly isStale: () => boolean;
}

/**
 * Decides on a request by the rule of its route.
 *
 * @param record - told what was decided.
 * @returns the subject that a passport may be minted for.
 * @throws GatehouseError `access.*`; a scope that is missing as Refused with the challenge of
 * RFC 6750, section 3.1 (`insufficient_scope`).
 */
export function authorise(
  parts: DecideParts,
  { route, identity }: Pick<Asking, 'route' | 'identity'>,
  record: Pick<RequestRecord, 'decision'>,
): AccessSubject {
  const subject = subjectOf(identity.claims);
  const decision = decide(route.rule, {
    subject,
    caller: parts.identity,
    trustDomain: parts.trustDomain,
    methodId: route.id,
    revocationsStale: parts.isStale(),
  });
  record.decision = decision.allow ? 'allow' : decision.reason;
  if (decision.allow) return subject;
  if (decision.reason !== 'scope') throw decision.error;
  const scope = route.rule.scopes.join(' ');
  throw new Refused(decision.error, {
    'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"`,
  });
}
