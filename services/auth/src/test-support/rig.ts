/** Auth's use cases on a real database, with a clock to set and a user service to break. For tests. */
import { newId, openDatabase } from '@gatehouse/postgres';
import { createStaticKeySet, generateSigningKey } from '@gatehouse/tokens';
import { createAccounts } from '../accounts/change.ts';
import { createSignUp, type Profiles } from '../accounts/sign-up.ts';
import type { Origin } from '../common/base.ts';
import type { AuthTables } from '../database.ts';
import { createHousekeeping } from '../housekeeping.ts';
import { createArgon2Hasher } from '../passwords/argon2.ts';
import { loadCommonPasswords } from '../passwords/common-passwords.ts';
import {
  createAttemptLimiter,
  createSignUpLimiter,
  createTakenLimiter,
} from '../passwords/limits.ts';
import { createAccessTokens } from '../sessions/access-tokens.ts';
import { createSessions } from '../sessions/end.ts';
import { createLogIn } from '../sessions/log-in.ts';
import { createRefresh } from '../sessions/refresh.ts';
import { createValidateToken } from '../tokens/validate.ts';

export const ISSUER = 'http://127.0.0.1:8091';
export const EDGE = 'https://edge.gatehouse.local';
export const HERE: Origin = { address: '192.0.2.1', traceId: 'a'.repeat(32) };
export const PASSWORD = 'correct horse battery staple';

/** A clock that goes on only when it is told to. */
export interface SetClock {
  nowMs(): number;
  advance(seconds: number): void;
}

function setClock(): SetClock {
  let nowMs = Date.now();
  return {
    nowMs: () => nowMs,
    advance: (seconds) => {
      nowMs += seconds * 1000;
    },
  };
}

/** Remembers its calls, and fails where it is told to. */
export interface RecordedProfiles extends Profiles {
  readonly calls: string[];
  failNext: { readonly step: string; readonly error: Error } | undefined;
}

function recordedProfiles(): RecordedProfiles {
  const calls: string[] = [];
  const step = async (name: string, id: string) => {
    calls.push(`${name} ${id}`);
    const failure = profiles.failNext;
    if (failure?.step !== name) return;
    profiles.failNext = undefined;
    throw failure.error;
  };
  const profiles: RecordedProfiles = {
    calls,
    failNext: undefined,
    create: (id) => step('create', id),
    activate: (id) => step('activate', id),
    markSignupFailed: (id) => step('fail', id),
  };
  return profiles;
}

export interface RigOptions {
  readonly url: string;
  readonly bootstrapAdminEmail?: string;
}

export const SILENT = { info: () => undefined, warn: () => undefined };
/** Some thousandths of the real work: these tests are about other things. */
const CHEAP = { memoryKib: 64, passes: 1 };

const nothing = async () => undefined;

export async function openRig(options: RigOptions) {
  const { url } = options;
  const database = openDatabase<AuthTables>({ url, name: 'auth-test', log: SILENT });
  await database.migrate(new URL('../../migrations/', import.meta.url));
  const clock = setClock();
  const profiles = recordedProfiles();
  const hints = { count: 0 };
  const key = generateSigningKey('RS256');
  const accessTokens = createAccessTokens({
    key: () => key,
    keys: createStaticKeySet([{ kid: key.kid, alg: key.alg, key: key.publicKey }]),
    issuer: ISSUER,
    audience: EDGE,
    newId: (prefix) => newId(prefix, clock),
    clock,
  });
  const parts = {
    database,
    profiles,
    clock,
    newId: (prefix: string) => newId(prefix, clock),
    hasher: createArgon2Hasher({ concurrency: 2, cost: CHEAP }),
    limiter: createAttemptLimiter(),
    takenLimiter: createTakenLimiter(),
    signUpLimiter: createSignUpLimiter(),
    commonPasswords: loadCommonPasswords(),
    accessTokens,
    hint: () => {
      hints.count += 1;
    },
    ...(options.bootstrapAdminEmail === undefined
      ? {}
      : { bootstrapAdminEmail: options.bootstrapAdminEmail }),
  };
  return {
    database,
    clock,
    profiles,
    hints,
    db: database.read,
    parts,
    verify: accessTokens.verify,
    signUp: createSignUp(parts),
    logIn: createLogIn(parts),
    refresh: createRefresh(parts),
    sessions: createSessions(parts),
    accounts: createAccounts(parts),
    validateToken: createValidateToken(parts),
    /** A round of housekeeping, without what other parts do in it. */
    keepHouse: createHousekeeping({
      ...parts,
      closeGivenUpSignUps: nothing,
      reloadKeys: nothing,
      rotateKeysDue: nothing,
    }),
    close: () => database.close(),
  };
}

export type Rig = Awaited<ReturnType<typeof openRig>>;

let people = 0;

/** A new active person. */
export async function person(rig: Rig): Promise<{ readonly id: string; readonly email: string }> {
  people += 1;
  const email = `person${people}@example.com`;
  const id = await rig.signUp.signUp({ email, password: PASSWORD, nickname: 'Person' }, HERE);
  return { id, email };
}

/** A new session of a person. */
export function logInAs(rig: Rig, email: string, password: string = PASSWORD) {
  return rig.logIn({ email, password, scope: '' }, HERE);
}

/** Tries until it passes, for what happens within a moment and on its own. */
export async function eventually(check: () => Promise<void>): Promise<void> {
  const giveUpAtMs = Date.now() + 20_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
