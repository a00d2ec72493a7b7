import { withAuth } from '../operator/connection.ts';
import type { OperatorFlags } from './flags.ts';

export async function suspendAccount(userId: string, flags: OperatorFlags): Promise<void> {
  await withAuth(flags, (auth) => auth.suspendAccount({ userId }));
  console.log(`${userId} is suspended: no log-in, no token, no passport from a grant.`);
}

export async function reinstateAccount(userId: string, flags: OperatorFlags): Promise<void> {
  await withAuth(flags, (auth) => auth.reinstateAccount({ userId }));
  console.log(`${userId} can log in again.`);
}
