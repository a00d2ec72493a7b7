/** The scope of a token: what the contracts grant to the roles of a person, as far as it was asked for. */
import { SCOPES, scopesOfRole } from '@gatehouse/contracts';
import { authErrors } from '../common/errors.ts';
import type { Role } from './roles.ts';

const SCOPES_OF_ROLE: Readonly<Record<Role, readonly string[]>> = {
  member: scopesOfRole('member', SCOPES),
  moderator: scopesOfRole('moderator', SCOPES),
  admin: scopesOfRole('admin', SCOPES),
};
/** All scopes that some role allows, in a fixed order. */
const ALL_SCOPES: readonly string[] = [...new Set(Object.values(SCOPES_OF_ROLE).flat())];

/** Every scope that the roles allow, space-separated, in a fixed order. */
export function scopeOfRoles(roles: readonly Role[]): string {
  const allowed = new Set(roles.flatMap((role) => SCOPES_OF_ROLE[role]));
  return ALL_SCOPES.filter((scope) => allowed.has(scope)).join(' ');
}

/**
 * Checks the scope that a log-in asks for.
 *
 * @param wanted - space-separated; empty asks for all that the roles allow, also later ones.
 * @returns what the session is narrowed to; undefined when it is not narrowed.
 * @throws auth.scope_invalid naming `/scope`, for a scope that is unknown or not granted: the two
 *   are not told apart.
 */
export function narrowedScope(wanted: string, roles: readonly Role[]): string | undefined {
  const asked = wanted.split(' ').filter((scope) => scope !== '');
  if (asked.length === 0) return undefined;
  const allowed = new Set(scopeOfRoles(roles).split(' '));
  if (asked.some((scope) => !allowed.has(scope))) {
    const detail = 'holds a scope that cannot be granted';
    throw authErrors.SCOPE_INVALID({ fields: [{ pointer: '/scope', detail }] });
  }
  return [...new Set(asked)].join(' ');
}

/**
 * The scope of a token: what the session was narrowed to, as far as the roles allow it now.
 *
 * @param narrowed - from {@link narrowedScope}; undefined follows the roles.
 */
export function grantedScope(narrowed: string | undefined, roles: readonly Role[]): string {
  const allowed = scopeOfRoles(roles);
  if (narrowed === undefined) return allowed;
  const stillAllowed = new Set(allowed.split(' '));
  return narrowed
    .split(' ')
    .filter((scope) => stillAllowed.has(scope))
    .join(' ');
}
