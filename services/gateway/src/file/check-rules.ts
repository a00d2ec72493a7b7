/** Rules that nobody could ever meet, or that a standalone gateway cannot keep. */

import type { PlacedRoute } from './overlaps.ts';
import { didYouMean } from './problem.ts';
import type { IssuerSettings } from './read-issuers.ts';
import { below, type Report } from './report.ts';

/** Reports each rule that the issuers of the file cannot serve. */
export function checkRules(
  routes: readonly PlacedRoute[],
  issuers: readonly IssuerSettings[],
  report: Report,
): void {
  const known = knownScopes(issuers);
  const hasRoles = issuers.some(({ rolesClaims }) => rolesClaims.length > 0);
  const highest = Math.max(0, ...issuers.flatMap(({ authLevels }) => [...authLevels.values()]));
  for (const { index, route } of routes) {
    const at = below(report, 'routes', index, 'rule');
    const { rule } = route;
    if (rule.fresh) {
      at.add(
        ['fresh'],
        'A standalone gateway has no revocation feed, so it cannot say that a token is still valid.',
        'Leave "fresh" out, and bound what a withdrawn token may do by "max_age" of the issuer.',
      );
    }
    if (rule.roles.length > 0 && !hasRoles && issuers.length > 0) {
      at.add(['roles'], 'No issuer says where roles are, so nobody has any.', 'Add "roles_claim".');
    }
    if (rule.authLevel > highest && issuers.length > 0) {
      at.add(['auth_level'], 'No issuer gives so high a level.', 'Add "auth_levels" to it.');
    }
    for (const member of ['scopes', 'carries'] as const) {
      const unknown = rule[member].find((scope) => known !== undefined && !known.has(scope));
      if (known === undefined || unknown === undefined) continue;
      at.add([member], `No issuer gives the scope "${unknown}".`, didYouMean(unknown, known));
    }
  }
}

/** Undefined unless every issuer says what it can give. */
function knownScopes(issuers: readonly IssuerSettings[]): ReadonlySet<string> | undefined {
  const all = issuers.map(({ scopes }) => scopes);
  if (all.length === 0 || all.includes(undefined)) return undefined;
  return new Set(all.flatMap((scopes) => scopes ?? []));
}
