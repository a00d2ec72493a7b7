/** Grants as people read them. */
import type { GrantInfo } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { duration, table } from '../text.ts';

export function grantTable(grants: readonly GrantInfo[]): string {
  if (grants.length === 0) return 'There are no live grants.';
  const rows = grants.map((grant) => [
    grant.grantId,
    grant.workload.split('/').at(-1) ?? grant.workload,
    grant.userId,
    duration(Number(grant.expiresAt?.seconds ?? 0) * 1000 - Date.now()),
    grant.purpose,
    grant.scopes.join(' ') || '-',
  ]);
  return table(['grant', 'workload', 'for', 'ends in', 'purpose', 'scopes'], rows).join('\n');
}
