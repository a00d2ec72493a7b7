/** The scopes that contracts declare, and which built-in role has which. */
import { type DescFile, getOption } from '@bufbuild/protobuf';
import { Role, scope as scopeOption } from './gen/gatehouse/access/v1/access_pb.ts';
import type { AccessRule } from './rule.ts';

/** The roles that an account can have, least first. Each has the scopes of those before it. */
export const BUILT_IN_ROLES = ['member', 'moderator', 'admin'] as const;
export type BuiltInRole = (typeof BUILT_IN_ROLES)[number];

/** A scope as its service's contract declares it. */
export interface ScopeContract {
  /** `board:write` */
  readonly name: string;
  /** The least role that has it. Absent: only clients are given it. */
  readonly role?: BuiltInRole;
}

const ROLES: Readonly<Record<number, BuiltInRole>> = {
  [Role.MEMBER]: 'member',
  [Role.MODERATOR]: 'moderator',
  [Role.ADMIN]: 'admin',
};
const NAME = /^[a-z][a-z0-9_.-]*:[a-z][a-z0-9_.-]*$/;

/**
 * Reads the scopes that contract files declare, in the order of the files.
 *
 * @throws Error naming the file and the scope: a bad name, or one that is declared twice.
 */
export function scopesOf(files: readonly DescFile[]): readonly ScopeContract[] {
  const declaredIn = new Map<string, string>();
  return files.flatMap((file) =>
    getOption(file, scopeOption).map(({ name, role }) => {
      if (!NAME.test(name)) {
        throw new Error(`${file.name}.proto: the scope "${name}" must be like board:write`);
      }
      const other = declaredIn.get(name);
      if (other !== undefined) {
        throw new Error(`${file.name}.proto and ${other}.proto both declare the scope "${name}"`);
      }
      declaredIn.set(name, file.name);
      const least = ROLES[role];
      return Object.freeze({ name, ...(least === undefined ? {} : { role: least }) });
    }),
  );
}

/**
 * Checks that every scope that a rule asks for or carries is declared.
 *
 * @throws Error naming the method and the scope that no contract declares.
 */
export function assertScopesDeclared(
  methods: readonly { readonly id: string; readonly rule: AccessRule }[],
  scopes: readonly ScopeContract[],
): void {
  const declared = new Set(scopes.map(({ name }) => name));
  for (const { id, rule } of methods) {
    const unknown = [...rule.scopes, ...rule.carries].find((name) => !declared.has(name));
    if (unknown === undefined) continue;
    throw new Error(
      `${id}: no contract declares the scope "${unknown}" (option gatehouse.access.v1.scope)`,
    );
  }
}

/**
 * Lists the scopes that a role has, those of the roles below it first.
 *
 * @example
 * ```ts
 * import { SCOPES, scopesOfRole } from '@gatehouse/contracts';
 *
 * console.log(scopesOfRole('member', SCOPES).join(' '));
 * ```
 */
export function scopesOfRole(
  role: BuiltInRole,
  scopes: readonly ScopeContract[],
): readonly string[] {
  const roles = BUILT_IN_ROLES.slice(0, BUILT_IN_ROLES.indexOf(role) + 1);
  return roles.flatMap((each) =>
    scopes.filter((scope) => scope.role === each).map(({ name }) => name),
  );
}
