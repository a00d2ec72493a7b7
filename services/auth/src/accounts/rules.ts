import type { Role } from './roles.ts';

/**
 * Where an account stands. `PENDING`: sign-up has begun; it cannot log in. `FAILED`: a sign-up that
 * was given up and whose e-mail is free again. `SUSPENDED`: may not log in nor refresh.
 */
export type AccountStatus = 'PENDING' | 'ACTIVE' | 'SUSPENDED' | 'FAILED';

/** A person's credentials. The profile lives in the user service under the same id. */
export interface Account {
  /** `usr_…` */
  readonly id: string;
  /** Normalised: see `normalizeEmail`. */
  readonly email: string;
  readonly status: AccountStatus;
  /** Argon2id with its parameters, as a PHC string. */
  readonly passwordHash: string;
  readonly roles: readonly Role[];
  /** `sv`: raised when roles or the password change. Tokens with a lower one are refused. */
  readonly version: number;
  readonly createdAt: Date;
}

/**
 * The form of an e-mail by which accounts are told apart: NFKC, lower case, without the spaces
 * around it that keyboards add at log-in. At sign-up the contract has refused what is no e-mail.
 */
export function normalizeEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
