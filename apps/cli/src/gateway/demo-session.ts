/** A short session of a demo user, through the gateway like any client's. */
import { PlatformError, type PlatformReport, readDemoUsers } from '@gatehouse/platform';
import { request } from '../http.ts';
import { portOf } from './admin.ts';

const ROLES = ['member', 'moderator', 'admin'] as const;

/** Whether a word names a demo user. */
export function isDemoRole(word: string): boolean {
  return ROLES.some((role) => role === word);
}

/**
 * Logs a demo user in, gives the access token to `work`, and logs out.
 *
 * @throws PlatformError when this platform has no demo users, or rejects the log-in.
 */
export async function asDemoUser<Result>(
  report: PlatformReport,
  role: string,
  work: (accessToken: string) => Promise<Result>,
): Promise<Result> {
  const user = (await readDemoUsers(report.dataDir)).find((each) => each.role === role);
  if (user === undefined) {
    throw new PlatformError(
      `This platform has no demo ${role}.`,
      'Give an access token instead: --as TOKEN, or --as - to read it from standard input.',
    );
  }
  const edge = `http://127.0.0.1:${portOf(report, 'gateway', 'http')}`;
  const { email, password } = user;
  const response = await request(`${edge}/auth/v1/login`, { body: { email, password } });
  if (!response.ok) {
    throw new PlatformError(
      `The demo ${role} could not log in: the gateway responded ${response.status}.`,
      response.status === 429
        ? 'The limit is five log-ins a minute. Wait a little, or give a token: --as TOKEN.'
        : '"gatehouse doctor" looks for the cause.',
    );
  }
  const session = (await response.json()) as {
    readonly accessToken: string;
    readonly refreshToken: string;
  };
  try {
    return await work(session.accessToken);
  } finally {
    const { refreshToken } = session;
    await request(`${edge}/auth/v1/logout`, { body: { refreshToken } }).catch(() => undefined);
  }
}
