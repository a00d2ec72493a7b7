import { withAuth } from '../operator/connection.ts';
import { grantTable } from '../operator/grants.ts';
import { jsonOf } from '../terminal/text.ts';
import type { JsonFlags, OperatorFlags } from './flags.ts';

export async function listGrants(
  flags: OperatorFlags & JsonFlags & { readonly user: string },
): Promise<void> {
  const { grants } = await withAuth(flags, (auth) => auth.listGrants({ userId: flags.user }));
  console.log(flags.json ? jsonOf(grants) : grantTable(grants));
}

export async function revokeGrant(grantId: string, flags: OperatorFlags): Promise<void> {
  await withAuth(flags, (auth) => auth.revokeGrant({ grantId }));
  console.log(`The grant ${grantId} and every grant derived from it are revoked.`);
}
