import type { AccessRule } from '@gatehouse/contracts';

const MAX_ROLES = 64;
const MAX_CHARACTERS = 2048;

/**
 * The roles that a passport has room for: 64 of them, 2 kB in all. Some directories put hundreds into a
 * token. Those that the rule asks for come first, then the token's own order.
 */
export function passportRoles(rule: AccessRule, roles: readonly string[]): readonly string[] {
  if (roles.length === 0) return roles;
  const asked = roles.filter((role) => rule.roles.includes(role));
  const kept: string[] = [];
  let characters = 0;
  for (const role of new Set([...asked, ...roles])) {
    characters += role.length;
    if (kept.length === MAX_ROLES || characters > MAX_CHARACTERS) break;
    kept.push(role);
  }
  return kept;
}
