/** What a person may be. A role is looked at by rules and domains; scopes limit a token. */
export type Role = 'member' | 'moderator' | 'admin';

const ROLES: ReadonlySet<string> = new Set<Role>(['member', 'moderator', 'admin']);

/** The roles of an account that has just become active. */
export const FIRST_ROLES: readonly Role[] = ['member'];

/** Reads a role's name from outside or from the database. */
export function isRole(name: string): name is Role {
  return ROLES.has(name);
}
