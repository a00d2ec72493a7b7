import type { AttemptLimiter } from './limits.ts';

/** Whose password is tried, and from where. */
export interface Attempt {
  /** Normalised e-mail, whether there is such an account or not. */
  readonly account: string;
  readonly address: string;
}

/**
 * One attempt at a password. It is counted before anything is verified, so that many at once cannot
 * pass the limit together, and given back unless the password was wrong.
 *
 * @param verify - undefined or false: the password was wrong. What it throws says nothing of it.
 * @throws auth.too_many_attempts
 */
export async function attemptPassword<R>(
  limiter: AttemptLimiter,
  { account, address }: Attempt,
  verify: () => Promise<R>,
): Promise<R> {
  await limiter.take(account, address);
  let wasWrong = false;
  try {
    const result = await verify();
    wasWrong = result === undefined || result === false;
    return result;
  } finally {
    if (!wasWrong) await limiter.giveBack(account, address);
  }
}
