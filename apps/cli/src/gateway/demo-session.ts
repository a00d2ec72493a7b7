/** A short session of a demo user, through the edge like anyone's. */
import { PlatformError, type PlatformReport, readDemoUsers } from '@gatehouse/platform';
import { portOf } from './admin.ts';

const ROLES = ['member', 'moderator', 'admin'] as const;
const TIMEOUT_MS = 10_000;

/** Whether a word names a demo user. */
export function isDemoRole(word: string): boolean {
  return ROLES.some((role) => role === word);
}

/**
 * Logs a demo user in, gives the access token to `work`, and logs out.
 *
 * @throws PlatformError when this platform has no demo users, or refuses the log-in.
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
  const answer = await post(`${edge}/auth/v1/login`, { email, password });
  if (!answer.ok) {
    throw new PlatformError(
      `The demo ${role} could not log in: the edge answered ${answer.status}.`,
      answer.status === 429
        ? 'Five log-ins a minute are the limit. Wait a little, or give a token: --as TOKEN.'
        : '"gatehouse doctor" looks for what is wrong.',
    );
  }
  const session = (await answer.json()) as {
    readonly accessToken: string;
    readonly refreshToken: string;
  };
  try {
    return await work(session.accessToken);
  } finally {
    const { refreshToken } = session;
    await post(`${edge}/auth/v1/logout`, { refreshToken }).catch(() => undefined);
  }
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
