/** The few calls of the public API that create the demo users. */
import { PlatformError } from '../errors.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
}

export interface Session {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface Edge {
  signUp(account: Account & { readonly nickname: string }): Promise<'created' | 'taken'>;
  login(account: Account): Promise<Session>;
  logout(session: Session): Promise<void>;
  setRoles(
    admin: Session,
    change: { readonly userId: string; readonly roles: readonly string[] },
  ): Promise<void>;
}

const TIMEOUT_MS = 15_000;

/** @param url of the gateway, without a slash at the end. */
export function createEdge(url: string): Edge {
  const call = async (method: string, path: string, body: unknown, token?: string) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, what: `${method} ${path}`, text };
  };
  return {
    signUp: async (account) => {
      const response = await call('POST', '/auth/v1/sign-up', account);
      if (response.status === 409) return 'taken';
      expectOk(response);
      return 'created';
    },
    login: async ({ email, password }) => {
      const response = expectOk(await call('POST', '/auth/v1/login', { email, password }));
      return sessionOf(response.text);
    },
    logout: async ({ refreshToken }) => {
      expectOk(await call('POST', '/auth/v1/logout', { refreshToken }));
    },
    setRoles: async (admin, { userId, roles }) => {
      const path = `/auth/v1/users/${encodeURIComponent(userId)}/roles`;
      expectOk(await call('PUT', path, { roles }, admin.accessToken));
    },
  };
}

interface EdgeResponse {
  readonly status: number;
  readonly what: string;
  readonly text: string;
}

function expectOk(response: EdgeResponse): EdgeResponse {
  if (response.status >= 200 && response.status < 300) return response;
  const { status, what, text } = response;
  throw new PlatformError(
    `The demo users could not be created: ${what} responded ${status}.\n  ${text.slice(0, 500)}`,
    'When demo.json was deleted or belongs to another database, "gatehouse reset" deletes the data folder. The logs have details.',
  );
}

function sessionOf(text: string): Session {
  const { accessToken, refreshToken }: { accessToken: string; refreshToken: string } =
    JSON.parse(text);
  // Read, not verified: it came from the platform itself a moment ago, and only names its own user.
  const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8');
  const { sub }: { sub: string } = JSON.parse(payload);
  return { userId: sub, accessToken, refreshToken };
}
