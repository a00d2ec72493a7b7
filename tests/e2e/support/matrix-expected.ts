/**
 * What each cell of the matrix must be, from the access rule alone. Written from DESIGN and the
 * contract, on purpose without a line of packages/access: that is what it judges.
 */
import type { MethodContract } from '@gatehouse/contracts';

/** For whom a token speaks; `bad` is one that must never be believed at this entry. */
export type Bearer =
  | { readonly is: 'nobody' }
  | { readonly is: 'bad' }
  /** Good but for the session behind it, which has ended. */
  | { readonly is: 'revoked' }
  | {
      readonly is: 'person';
      readonly scopes: readonly string[];
      readonly roles: readonly string[];
      readonly authLevel: number;
    }
  /** Bound to one method. */
  | { readonly is: 'anonymous'; readonly methodId: string }
  | { readonly is: 'workload'; readonly name: string };

/** What a caller is at a service's port. */
export interface PortCaller {
  /** Workload in the certificate; `undefined`: none, or one that the trust domain did not issue. */
  readonly workload: string | undefined;
  readonly bearer: Bearer;
}

/** What a caller is at the edge. */
export interface EdgeCaller {
  readonly bearer: Bearer;
  /** Asks for the gRPC path in place of the one that the contract binds. */
  readonly atGrpcPath?: boolean;
}

/** `allow`, `no connection`, or the stable code of the refusal. */
export type Outcome = string;

/** What the rule says of a call at a service's own port. */
export function expectedAtPort(
  { id, rule }: MethodContract,
  { workload, bearer }: PortCaller,
): Outcome {
  if (workload === undefined) return 'no connection';
  if (!rule.callers.some((caller) => caller === '*' || caller === workload)) return 'access.caller';
  if (rule.subject === 'NONE') return 'allow';
  if (bearer.is === 'bad') return 'access.passport_invalid';
  if (bearer.is === 'revoked') return 'access.passport_revoked';
  if (bearer.is === 'nobody') return 'access.not_signed_in';
  switch (rule.subject) {
    case 'ANYONE':
      if (bearer.is === 'workload') return 'access.subject';
      if (bearer.is === 'anonymous' && bearer.methodId !== id) return 'access.method_bound';
      return 'allow';
    case 'SIGNED_IN':
      if (bearer.is === 'anonymous') return 'access.not_signed_in';
      return bearer.is === 'person' ? demands(rule, bearer) : 'access.subject';
    case 'WORKLOAD':
      return bearer.is === 'workload' && bearer.name === workload ? 'allow' : 'access.subject';
  }
}

/** What the rule says of a request from outside. */
export function expectedAtEdge(
  { http, rule }: MethodContract,
  { bearer, atGrpcPath = false }: EdgeCaller,
): Outcome {
  if (http === undefined || atGrpcPath) return 'gateway.not_found';
  if (rule.ignoreBearer) return 'allow';
  // A bad token never becomes anonymous, though the method be for anyone.
  if (bearer.is === 'bad' || bearer.is === 'revoked') return 'gateway.invalid_token';
  if (rule.subject === 'ANYONE') return 'allow';
  return bearer.is === 'person' ? demands(rule, bearer) : 'access.not_signed_in';
}

function demands(
  rule: MethodContract['rule'],
  person: Extract<Bearer, { readonly is: 'person' }>,
): Outcome {
  if (rule.scopes.some((scope) => !person.scopes.includes(scope))) return 'access.scope';
  const lacksRole =
    rule.roles.length > 0 && !rule.roles.some((role) => person.roles.includes(role));
  if (lacksRole) return 'access.role';
  return person.authLevel < rule.authLevel ? 'access.auth_level' : 'allow';
}
