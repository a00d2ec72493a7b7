/** Auth put together: the one place that knows every capability. */
import { availableParallelism } from 'node:os';
import {
  type Implementation,
  implement,
  runService,
  type ServiceApp,
  type ServiceContext,
  spiffeIdFor,
} from '@gatehouse/chassis';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { newId, untraced } from '@gatehouse/postgres';
import { type Accounts, createAccounts } from './accounts/change.ts';
import { buildSignUp } from './accounts/compose.ts';
import { accountMethods, operatorAccountMethods } from './accounts/grpc.ts';
import type { SignUp } from './accounts/sign-up.ts';
import { createSuspension } from './accounts/suspend.ts';
import { ChangeFeed } from './changes/feed.ts';
import { changeMethods } from './changes/grpc.ts';
import { localGate } from './changes/local-gate.ts';
import * as changes from './changes/store.ts';
import { clientKeyMethods, clientMethods } from './clients/grpc.ts';
import { createClients } from './clients/manage.ts';
import { createClientKeys } from './clients/manage-keys.ts';
import type { Client } from './clients/rules.ts';
import type { Base } from './common/base.ts';
import { repeat } from './common/timer.ts';
import { type AuthConfig, readAuthConfig } from './config.ts';
import type { AuthTables } from './database.ts';
import { grantMethods } from './grants/grpc.ts';
import { createGrants } from './grants/manage.ts';
import { createMintPassport } from './grants/mint-passport.ts';
import { createHousekeeping } from './housekeeping.ts';
import { type Keys, openKeys } from './keys/compose.ts';
import { keyMethods, registrationMethods } from './keys/grpc.ts';
import { createProofVerifier } from './keys/proofs.ts';
import { createRegisterPassportKey } from './keys/register.ts';
import { buildListeners } from './oauth/compose.ts';
import { createArgon2Hasher } from './passwords/argon2.ts';
import { loadCommonPasswords } from './passwords/common-passwords.ts';
import { createAddressLimiter, createAttemptLimiter } from './passwords/limits.ts';
import { createAccessTokens } from './sessions/access-tokens.ts';
import { createSessions } from './sessions/end.ts';
import { sessionMethods } from './sessions/grpc.ts';
import { createLogIn } from './sessions/log-in.ts';
import { createRefresh } from './sessions/refresh.ts';
import { tokenMethods } from './tokens/grpc.ts';
import { createValidateToken } from './tokens/validate.ts';

/** Validations a minute for one address: enough for a person, too few to try tokens out. */
const VALIDATIONS_PER_MINUTE = 60;
/** Also how long a sealed successor may outlive its grace. */
const HOUSEKEEPING_PAUSE_MS = 10_000;

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const config = readAuthConfig(context.env);
  const { base, feed } = await openBase(context);
  const keys = await openKeys(context, config, base);
  const parts: Parts = { ...base, keys, ...buildTokens({ context, config, base, keys }) };
  const passwords = {
    // Each hash takes a core; one is left for everything else.
    hasher: createArgon2Hasher({ concurrency: Math.max(1, availableParallelism() - 1) }),
    limiter: createAttemptLimiter(),
    commonPasswords: loadCommonPasswords(),
  };
  const signUp = buildSignUp(context, config, { ...parts, ...passwords });
  keepHouse(context, parts, signUp);
  const accounts = createAccounts({ ...parts, ...passwords });
  const passports = localGate(context, { passportKeys: keys.passportKeys, feed });
  const people = implement(AuthService, {
    ...accountMethods({ signUp, accounts }),
    ...sessionMethods({
      logIn: createLogIn({ ...parts, ...passwords }),
      refresh: createRefresh(parts),
      sessions: parts.sessions,
    }),
    ...tokenMethods(parts.validateToken, createAddressLimiter(VALIDATIONS_PER_MINUTE)),
    ...registrationMethods(buildRegistration(context, parts)),
    ...changeMethods(feed),
  });
  return {
    implementations: [people, buildOperators(context, parts, accounts)],
    passports,
    listeners: buildListeners(context, config, { ...parts, passports }),
  };
}

async function openBase(context: ServiceContext): Promise<{ base: Base; feed: ChangeFeed }> {
  const { clock } = context;
  const database = await context.database<AuthTables>({
    migrations: new URL('../migrations/', import.meta.url),
  });
  const feed = new ChangeFeed({
    changes: changes.committed(database.read),
    snapshot: (now) => changes.snapshot(database.read, now),
    clock,
  });
  const hint = () => feed.hint();
  return { base: { database, clock, newId: (prefix) => newId(prefix, clock), hint }, feed };
}

interface TokenParts {
  readonly context: ServiceContext;
  readonly config: AuthConfig;
  readonly base: Base;
  readonly keys: Keys;
}

type Parts = Base & ReturnType<typeof buildTokens> & { readonly keys: Keys };

/** What several capabilities ask of tokens, sessions and grants. */
function buildTokens({ context, config, base, keys }: TokenParts) {
  const { ring } = keys;
  const { issuer, edgeAudience } = config;
  const { identity, trustDomain, clock } = context;
  const key = () => ring.passport;
  const mintPassport = createMintPassport({ key, identity, trustDomain, clock });
  const accessTokens = createAccessTokens({
    ...base,
    key: () => ring.access,
    keys: ring.verification('access'),
    issuer,
    audience: edgeAudience,
  });
  const validateToken = createValidateToken({ ...base, accessTokens });
  const [grants, sessions] = [createGrants(base), createSessions(base)];
  return { accessTokens, mintPassport, validateToken, grants, sessions };
}

function buildRegistration({ trustDomain, identity, clock }: ServiceContext, parts: Parts) {
  return createRegisterPassportKey({
    ...parts,
    gateway: spiffeIdFor(trustDomain, 'gateway'),
    verifyProof: createProofVerifier({ audience: identity, clock }),
    reloadKeys: parts.keys.reload,
  });
}

function buildOperators(
  { trustDomain }: ServiceContext,
  parts: Parts,
  accounts: Accounts,
): Implementation {
  const identitiesOf = ({ workload }: Client) =>
    workload === undefined ? [] : [spiffeIdFor(trustDomain, workload)];
  return implement(OperatorService, {
    ...clientMethods(createClients({ ...parts, identitiesOf })),
    ...clientKeyMethods(createClientKeys(parts)),
    ...keyMethods(parts.keys.rotation),
    ...grantMethods(parts.grants),
    ...operatorAccountMethods(createSuspension(parts), accounts),
  });
}

function keepHouse(context: ServiceContext, parts: Parts, signUp: SignUp): void {
  const { reload, rotation } = parts.keys;
  const round = createHousekeeping({
    ...parts,
    closeGivenUpSignUps: () => signUp.closeGivenUp(),
    reloadKeys: reload,
    rotateKeysDue: () => rotation.rotateDue(),
  });
  const stop = repeat(() => untraced(round), {
    pauseMs: HOUSEKEEPING_PAUSE_MS,
    onError: (err) => context.log.warn({ err }, 'housekeeping failed, retrying'),
  });
  context.onClose(stop);
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: 'auth', build });
