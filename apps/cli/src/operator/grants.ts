/** Grants as people read them. */
import type { GrantInfo } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { duration, msOf, table } from '../terminal/text.ts';

export function grantTable(grants: readonly GrantInfo[]): string {
  if (grants.length === 0) return 'There are no live grants.';
  const rows = grants.map((grant) => [
    grant.grantId,
    grant.workload.split('/').at(-1) ?? grant.workload,
    grant.userId,
    duration(msOf(grant.expiresAt) - Date.now()),
    grant.purpose,
    grant.scopes.join(' ') || '-',
  ]);
  return table(['grant', 'workload', 'for', 'expires in', 'purpose', 'scopes'], rows).join('\n');
}
