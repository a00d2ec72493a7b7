import { BUILT_IN_ROLES } from '@gatehouse/contracts';
import { withAuth } from '../operator/connection.ts';
import { didYouMean, UsageError } from '../usage.ts';
import type { OperatorFlags } from './flags.ts';

const ROLES: readonly string[] = BUILT_IN_ROLES;

export async function suspendAccount(userId: string, flags: OperatorFlags): Promise<void> {
  await withAuth(flags, (auth) => auth.suspendAccount({ userId }));
  console.log(`${userId} is suspended: no log-in, no token, no passport from a grant.`);
}

export async function setAccountRoles(
  userId: string,
  wanted: readonly string[],
  flags: OperatorFlags,
): Promise<void> {
  const unknown = wanted.find((role) => !ROLES.includes(role));
  if (unknown !== undefined) {
    throw new UsageError(`There is no role "${unknown}".${didYouMean(unknown, ROLES)}`);
  }
  const asked = { userId, roles: [...new Set(wanted)] };
  const { roles } = await withAuth(flags, (auth) => auth.setAccountRoles(asked));
  console.log(`${userId} has the roles ${roles.join(', ')}. Tokens from before are rejected.`);
}

export async function reinstateAccount(userId: string, flags: OperatorFlags): Promise<void> {
  await withAuth(flags, (auth) => auth.reinstateAccount({ userId }));
  console.log(`${userId} can log in again.`);
}
