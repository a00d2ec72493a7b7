/** People at the edge: signing up, logging in. Every secret of theirs goes into the ledger. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { target } from './config.ts';
import { type Answer, call, type Gateway } from './edge.ts';
import { remember } from './ledger.ts';

export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
  readonly nickname: string;
}

/** The body of a log-in or a refresh. */
export interface TokenBody {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshExpiresInSeconds: number;
  readonly scope: string;
}

/** A person who was never seen before. */
export function stranger(): Omit<Person, 'userId'> {
  const tag = randomBytes(6).toString('hex');
  return {
    email: `${tag}@people.example`,
    password: remember('password', randomBytes(18).toString('base64url')),
    nickname: `Nick ${tag}`,
  };
}

/** Signs a new person up; fails the test when that is refused. */
export async function signUp({
  gateway = 0,
}: {
  readonly gateway?: Gateway;
} = {}): Promise<Person> {
  const person = stranger();
  const answer = await call<{ userId: string }>('POST /auth/v1/sign-up', {
    body: person,
    gateway,
  });
  assert.equal(answer.status, 201, answer.text);
  return { ...person, userId: answer.body.userId };
}

export interface LogInOptions {
  readonly gateway?: Gateway;
  /** Narrows the session; default: all that the person's roles allow. */
  readonly scope?: string;
}

/** Opens a session; fails the test when that is refused. */
export async function logIn(
  { email, password }: Pick<Person, 'email' | 'password'>,
  { gateway = 0, scope = '' }: LogInOptions = {},
): Promise<TokenBody> {
  const answer = await call<TokenBody>('POST /auth/v1/login', {
    body: { email, password, ...(scope === '' ? {} : { scope }) },
    gateway,
  });
  assert.equal(answer.status, 200, answer.text);
  return rememberTokens(answer.body);
}

/** Trades a refresh token, whatever the answer is. */
export async function refresh(
  refreshToken: string,
  { gateway = 0 }: { readonly gateway?: Gateway } = {},
): Promise<Answer<TokenBody>> {
  const answer = await call<TokenBody>('POST /auth/v1/refresh', {
    body: { refreshToken },
    gateway,
  });
  if (answer.status === 200) rememberTokens(answer.body);
  return answer;
}

function rememberTokens(tokens: TokenBody): TokenBody {
  remember('access token', tokens.accessToken);
  remember('refresh token', tokens.refreshToken);
  return tokens;
}

/** Opens a session of one of the platform's demo users. */
export function logInAs(role: 'member' | 'moderator' | 'admin'): Promise<TokenBody> {
  const user = target().demoUsers.find((candidate) => candidate.role === role);
  assert.ok(user !== undefined, `there is no demo ${role}`);
  remember('password', user.password);
  return logIn(user);
}
