/** What a route can ask of a principal, beyond a good token. */
import type { BearerClaims, Principal } from './principal.ts';
import { Refusal } from './refusal.ts';

/** Scopes and roles that a route asks for. Both are asked where both are given. */
export type Demand<C extends BearerClaims> = {
  /** All of these are needed. */
  readonly scopes?: readonly string[];
} & (C extends { readonly roles: readonly string[] }
  ? {
      /** One of these is enough. */
      readonly roles?: readonly string[];
    }
  : // A service token has no roles: to ask for one would shut everybody out.
    { readonly roles?: never });

/** A demand that was checked when the route was made. */
export interface CheckedDemand {
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

/** Only a good token is asked for. */
export const ANY_PRINCIPAL: CheckedDemand = Object.freeze({ scopes: [], roles: [] });

// RFC 6749, section 3.3.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const ROLE = /^[\x21-\x7e]+$/;

/**
 * Checks a demand once, when a route is made.
 *
 * @throws TypeError for an empty list or demand, and for a name that no token can have: it would
 *   let everybody in, or nobody.
 */
export function checkedDemand(demand: {
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
}): CheckedDemand {
  const { scopes, roles } = demand;
  if (scopes === undefined && roles === undefined) throw new TypeError('nothing is demanded');
  return Object.freeze({
    scopes: names(scopes, SCOPE, 'scope'),
    roles: names(roles, ROLE, 'role'),
  });
}

/**
 * Checks that a principal has what is demanded.
 *
 * @throws Refusal `insufficient_scope`, `insufficient_role`.
 */
export function assertDemand(principal: Principal, { scopes, roles }: CheckedDemand): void {
  if (!scopes.every((scope) => principal.scopes.includes(scope))) {
    throw Refusal.insufficientScope(scopes);
  }
  if (roles.length > 0 && !roles.some((role) => principal.roles.includes(role))) {
    throw Refusal.insufficientRole();
  }
}

function names(list: readonly string[] | undefined, form: RegExp, what: string): readonly string[] {
  if (list === undefined) return [];
  if (list.length === 0) throw new TypeError(`no ${what} is demanded: leave the list out`);
  if (!list.every((name) => form.test(name))) {
    throw new TypeError(`a demanded ${what} is one that no token can have`);
  }
  return Object.freeze([...list]);
}
