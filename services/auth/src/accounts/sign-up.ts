/**
 * Sign-up: credentials PENDING → profile → profile active → credentials ACTIVE.
 *
 * Each step may be repeated, and what was done is in the database before the next one begins. So a
 * sign-up that was interrupted anywhere, also by the end of the process, is finished by signing up
 * again with the same e-mail and password. No call leaves from inside a transaction.
 */
import { commonErrors, type ErrorKind, GatehouseError } from '@gatehouse/errors';
import * as audit from '../audit/store.ts';
import { type Base, nowOf, type Origin } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';
import type { PasswordHasher } from '../passwords/argon2.ts';
import { attemptPassword } from '../passwords/attempt.ts';
import type { AttemptLimiter, SignUpLimiter, TakenLimiter } from '../passwords/limits.ts';
import {
  assertPasswordAcceptable,
  type CommonPasswords,
  normalizePassword,
} from '../passwords/rules.ts';
import { FIRST_ROLES, type Role } from './roles.ts';
import { type Account, normalizeEmail } from './rules.ts';
import * as accounts from './store.ts';

/** The sign-up's calls to the user service. Each may be repeated. */
export interface Profiles {
  create(accountId: string, nickname: string, origin: Origin): Promise<void>;
  activate(accountId: string, origin: Origin): Promise<void>;
  markSignupFailed(accountId: string, origin: Origin): Promise<void>;
}

export interface SignUpParts extends Base {
  readonly hasher: PasswordHasher;
  readonly limiter: AttemptLimiter;
  readonly takenLimiter: TakenLimiter;
  readonly signUpLimiter: SignUpLimiter;
  readonly profiles: Profiles;
  readonly commonPasswords: CommonPasswords;
  /** Whoever signs up with this e-mail becomes admin: see `config.ts`. */
  readonly bootstrapAdminEmail?: string;
}

export interface SignUpInput {
  readonly email: string;
  readonly password: string;
  readonly nickname: string;
}

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** How another service fails when a retry may succeed. */
const TRANSIENT: readonly ErrorKind[] = [
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'RESOURCE_EXHAUSTED',
];

const GIVEN_UP_PER_ROUND = 20;
const EMAIL_TAKEN = authErrors.EMAIL_TAKEN().code;

export interface SignUp {
  /**
   * Signs a person up, or finishes what was interrupted.
   *
   * @returns the id of the account, which is active now.
   * @throws auth.email_taken, auth.password_…, auth.sign_up_interrupted (repeat it), auth.busy,
   *   auth.too_many_attempts.
   */
  signUp(input: SignUpInput, origin: Origin): Promise<string>;
  /** Tells the user service of sign-ups that were given up, and forgets them. */
  closeGivenUp(): Promise<void>;
}

export function createSignUp(parts: SignUpParts): SignUp {
  const { database, hasher, profiles } = parts;
  const now = () => nowOf(parts.clock);

  async function signUp(input: SignUpInput, origin: Origin): Promise<string> {
    const credentials = {
      email: normalizeEmail(input.email),
      password: normalizePassword(input.password),
    };
    assertPasswordAcceptable(credentials.password, {
      email: credentials.email,
      common: parts.commonPasswords,
      pointer: '/password',
    });
    const accountId = await beginLimited(credentials, origin);
    await atUserService(() => profiles.create(accountId, input.nickname, origin));
    await atUserService(() => profiles.activate(accountId, origin));
    await activate(accountId, credentials.email, origin);
    return accountId;
  }

  /** Counted before the response is known, so that many at once cannot pass the limit together. */
  async function beginLimited(credentials: Credentials, origin: Origin): Promise<string> {
    parts.signUpLimiter.take(origin.address);
    let hasBegun = false;
    let wasTaken = false;
    try {
      await parts.takenLimiter.take(origin.address);
      const accountId = await begin(credentials, origin);
      hasBegun = true;
      return accountId;
    } catch (error) {
      wasTaken = error instanceof GatehouseError && error.code === EMAIL_TAKEN;
      throw error;
    } finally {
      if (!hasBegun) parts.signUpLimiter.giveBack(origin.address);
      if (!wasTaken) await parts.takenLimiter.giveBack(origin.address);
    }
  }

  /** The id of the PENDING account to go on with: a new one, or that of an interrupted sign-up. */
  async function begin(credentials: Credentials, origin: Origin): Promise<string> {
    const known = await accounts.findByEmail(database.read, credentials.email);
    if (known !== undefined) return resume(known, credentials, origin);
    const account = await newAccount(credentials, origin);
    const inserted = await database.transaction(async (tx) => {
      if (!(await accounts.insert(tx, account))) return false;
      await audit.record(tx, { ...started(account), origin, at: now() });
      return true;
    });
    if (inserted) return account.id;
    // Somebody was faster: perhaps the same person, clicking twice.
    const winner = await accounts.findByEmail(database.read, credentials.email);
    if (winner === undefined) throw authErrors.SIGN_UP_INTERRUPTED({ retryAfterSeconds: 1 });
    return resume(winner, credentials, origin);
  }

  async function resume(known: Account, credentials: Credentials, origin: Origin): Promise<string> {
    if (known.status !== 'PENDING') throw authErrors.EMAIL_TAKEN();
    // Comparing is an attempt at a password, so that it counts as one.
    const attempt = { account: credentials.email, address: origin.address };
    const isSame = await attemptPassword(parts.limiter, attempt, () =>
      hasher.verify(credentials.password, known.passwordHash, origin.address),
    );
    if (isSame) return known.id;
    const abandonedAt = secondsAfter(known.createdAt, LIFETIMES.abandonedSignUpSeconds);
    if (now() < abandonedAt) throw authErrors.EMAIL_TAKEN();
    return takeOver(known, credentials, origin);
  }

  /** Gives an abandoned sign-up up and begins a new one under its e-mail, with a new id. */
  async function takeOver(
    abandoned: Account,
    credentials: Credentials,
    origin: Origin,
  ): Promise<string> {
    const account = await newAccount(credentials, origin);
    await database.transaction(async (tx) => {
      const at = now();
      const freed = await accounts.giveUp(tx, abandoned.id, at);
      if (!freed || !(await accounts.insert(tx, account))) throw authErrors.EMAIL_TAKEN();
      const entry = { actor: account.id, target: abandoned.id, origin, at };
      await audit.record(tx, { ...entry, action: 'signup.given_up' });
      await audit.record(tx, { ...started(account), origin, at });
    });
    return account.id;
  }

  async function newAccount({ email, password }: Credentials, origin: Origin): Promise<Account> {
    const passwordHash = await hasher.hash(password, origin.address);
    const id = parts.newId('usr');
    return {
      id,
      email,
      passwordHash,
      status: 'PENDING',
      roles: FIRST_ROLES,
      version: 1,
      createdAt: now(),
    };
  }

  async function activate(accountId: string, email: string, origin: Origin): Promise<void> {
    const isFirstAdmin = email === parts.bootstrapAdminEmail;
    const roles: readonly Role[] = isFirstAdmin ? [...FIRST_ROLES, 'admin'] : FIRST_ROLES;
    const activated = await database.transaction(async (tx) => {
      const at = now();
      if (!(await accounts.activate(tx, accountId, { roles, now: at }))) return false;
      const entry = { actor: accountId, target: accountId, origin, at };
      await audit.record(tx, { ...entry, action: 'signup.completed' });
      if (isFirstAdmin) await audit.record(tx, { ...entry, action: 'roles.bootstrap_admin' });
      return true;
    });
    if (activated) return;
    // A twin of this request finished it, or somebody took the e-mail over.
    const account = await accounts.find(database.read, accountId);
    if (account?.status !== 'ACTIVE') throw authErrors.EMAIL_TAKEN();
  }

  async function closeGivenUp(): Promise<void> {
    for (const accountId of await accounts.listFailed(database.read, GIVEN_UP_PER_ROUND)) {
      try {
        await profiles.markSignupFailed(accountId, { address: '', traceId: '' });
      } catch (error) {
        // Any other error will be the same tomorrow: there is no profile, or it became active
        // just before its sign-up was abandoned, and nobody can log in to it.
        if (isTransient(error)) throw error;
      }
      await accounts.deleteFailed(database.read, accountId);
    }
  }

  return { signUp, closeGivenUp };
}

function started(account: Account) {
  return { actor: account.id, action: 'signup.started', target: account.id } as const;
}

async function atUserService(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (cause) {
    if (isTransient(cause)) {
      throw authErrors.SIGN_UP_INTERRUPTED({ cause, retryAfterSeconds: 1 });
    }
    // The profile was closed: somebody has taken the abandoned sign-up over in this very moment.
    const isClosed = cause instanceof GatehouseError && cause.kind === 'FAILED_PRECONDITION';
    throw isClosed ? authErrors.EMAIL_TAKEN({ cause }) : commonErrors.INTERNAL({ cause });
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof GatehouseError && TRANSIENT.includes(error.kind);
}
