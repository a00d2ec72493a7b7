/** Auth put together: the one place that knows every part. */
import { availableParallelism } from 'node:os';
import { create } from '@bufbuild/protobuf';
import { createAccessFeed } from '@gatehouse/access';
import {
  type Listener,
  type PassportGate,
  type ServiceApp,
  type ServiceContext,
  spiffeIdFor,
} from '@gatehouse/chassis';
import {
  type AccessChange,
  AccessChangeSchema,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { newId as newIdAt, untraced } from '@gatehouse/postgres';
import { createPassportVerifier, toPublicJwk } from '@gatehouse/tokens';
import { createMint, createVerify } from './adapters/access-tokens.ts';
import { createArgon2Hasher } from './adapters/argon2.ts';
import {
  createAddressLimiter,
  createAttemptLimiter,
  createTakenLimiter,
} from './adapters/attempt-limits.ts';
import { loadCommonPasswords } from './adapters/common-passwords.ts';
import { createProofVerifier } from './adapters/key-proofs.ts';
import { PassportKeySet } from './adapters/passport-key-set.ts';
import { postgresCleaner } from './adapters/postgres/cleaner.ts';
import { postgresStore } from './adapters/postgres/store.ts';
import type { AuthTables } from './adapters/postgres/tables.ts';
import { createProfiles } from './adapters/profiles.ts';
import { refreshSecrets as secrets } from './adapters/refresh-secrets.ts';
import { openSigningKeys } from './adapters/signing-keys.ts';
import { repeat } from './adapters/timer.ts';
import { createAccounts } from './application/accounts.ts';
import { ChangeFeed } from './application/change-feed.ts';
import { createHousekeeping } from './application/housekeeping.ts';
import { createLogIn } from './application/log-in.ts';
import type { NewId } from './application/ports.ts';
import { createRefresh } from './application/refresh.ts';
import { createRegisterPassportKey } from './application/register-passport-key.ts';
import { createSessions } from './application/sessions.ts';
import { createSignUp, type SignUp } from './application/sign-up.ts';
import { createValidateToken } from './application/validate-token.ts';
import { type AuthConfig, readAuthConfig, wrongKeyEncryptionKey } from './config.ts';
import { accessChangeMessage } from './transport/access-changes.ts';
import { authService, type UseCases } from './transport/auth-service.ts';
import { discoveryDocument, keySetDocuments } from './transport/documents.ts';
import { plainListener, workloadListener } from './transport/well-known.ts';

/** Validations a minute for one address: enough for a person, too few to try tokens out. */
const VALIDATIONS_PER_MINUTE = 60;
/** Also how long a sealed successor may outlive its grace. */
const HOUSEKEEPING_PAUSE_MS = 10_000;

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const config = readAuthConfig(context.env);
  const parts = await openParts(context, config);
  const signUp = buildSignUp(context, config, parts);
  keepHouse(context, parts, signUp);
  return {
    implementations: [authService(buildCases(context, config, { ...parts, signUp }))],
    passports: localGate(context, parts),
    listeners: buildListeners(context, config, parts),
  };
}

type Parts = Awaited<ReturnType<typeof openParts>>;

/** What several of the others stand on. */
async function openParts(context: ServiceContext, config: AuthConfig) {
  const { clock, identity } = context;
  const database = await context.database<AuthTables>({
    migrations: new URL('../migrations/', import.meta.url),
  });
  const keys = await openSigningKeys({
    database,
    keyEncryptionKey: config.keyEncryptionKey,
    clock,
    wrongKey: wrongKeyEncryptionKey,
  });
  const store = postgresStore(database);
  const passportKeys = new PassportKeySet({
    own: keys.passport,
    ownIssuer: identity,
    records: store.read.passportKeys,
    clock,
  });
  await passportKeys.reload();
  const feed = new ChangeFeed({ changes: store.read.changes, clock });
  const newId: NewId = (prefix) => newIdAt(prefix, clock);
  return {
    clock,
    keys,
    store,
    passportKeys,
    feed,
    newId,
    // Each hash takes a core; one is left for everything else.
    hasher: createArgon2Hasher({ concurrency: Math.max(1, availableParallelism() - 1) }),
    limiter: createAttemptLimiter(),
    commonPasswords: loadCommonPasswords(),
    cleaner: postgresCleaner(database.read),
    hint: () => feed.hint(),
  };
}

function buildSignUp(context: ServiceContext, config: AuthConfig, parts: Parts): SignUp {
  const { bootstrapAdminEmail } = config;
  const profiles = createProfiles({
    client: context.client(UserService),
    signer: parts.keys.passport,
    identity: context.identity,
    trustDomain: context.trustDomain,
    newId: parts.newId,
    clock: context.clock,
  });
  return createSignUp({
    ...parts,
    profiles,
    takenLimiter: createTakenLimiter(),
    ...(bootstrapAdminEmail === undefined ? {} : { bootstrapAdminEmail }),
  });
}

function buildCases(
  context: ServiceContext,
  config: AuthConfig,
  parts: Parts & { readonly signUp: SignUp },
): UseCases {
  const { clock, trustDomain, identity } = context;
  const { passportKeys, feed } = parts;
  const tokens = {
    key: parts.keys.access,
    issuer: config.issuer,
    audience: config.edgeAudience,
    newId: parts.newId,
    clock,
  };
  const mint = createMint(tokens);
  return {
    signUp: parts.signUp.signUp,
    logIn: createLogIn({ ...parts, secrets, mint }),
    refresh: createRefresh({ ...parts, secrets, mint }),
    sessions: createSessions({ ...parts, secrets }),
    accounts: createAccounts(parts),
    validateToken: createValidateToken({ ...parts, verify: createVerify(tokens) }),
    registerPassportKey: createRegisterPassportKey({
      ...parts,
      gateway: spiffeIdFor(trustDomain, 'gateway'),
      verifyProof: createProofVerifier({ audience: identity, clock }),
      reloadKeys: () => passportKeys.reload(),
    }),
    feed,
    limitValidation: createAddressLimiter(VALIDATIONS_PER_MINUTE),
  };
}

/** Auth verifies passports by its own keys and its own news, without a call to itself. */
function localGate(context: ServiceContext, { passportKeys, feed }: Parts): PassportGate {
  const { clock, log, trustDomain } = context;
  const news = createAccessFeed({
    open: (signal) => messagesOf(feed, signal),
    clock,
    onEvent: (event) => {
      if (event.kind === 'snapshot') return;
      const err = 'cause' in event ? event.cause : undefined;
      log.warn({ kind: event.kind, err }, 'the own feed of access changes was interrupted');
    },
  });
  news.onKeysChanged(() => {
    passportKeys.reload().catch((err: unknown) => log.warn({ err }, 'passport keys not read'));
  });
  news.start();
  context.onClose(async () => {
    await news.close();
    feed.close();
  });
  context.readiness('news', () => {
    if (!news.ready) throw new Error('the own feed of access changes has not begun');
  });
  const verifier = createPassportVerifier({
    trustDomain,
    keys: passportKeys,
    revocations: news,
    clock,
  });
  return {
    verify: async (token) => verifier.verifyCached(token) ?? verifier.verify(token),
    get newsStale() {
      return news.stale;
    },
  };
}

async function* messagesOf(feed: ChangeFeed, signal: AbortSignal): AsyncGenerator<AccessChange> {
  for await (const event of feed.watch(signal)) {
    yield create(AccessChangeSchema, accessChangeMessage(event));
  }
}

function buildListeners(
  context: ServiceContext,
  config: AuthConfig,
  { keys, passportKeys }: Parts,
): readonly Listener[] {
  const { tls, trustDomain } = context;
  const accessTokens = async () => ({ keys: [toPublicJwk(keys.access)] });
  const keySets = keySetDocuments({ accessTokens, passports: () => passportKeys.document() });
  const host = config.bindAddress;
  const documents = [...keySets, discoveryDocument(config.issuer)];
  return [
    plainListener({ name: 'well-known', host, port: config.httpPort, documents }),
    workloadListener({
      name: 'keys',
      host,
      port: config.keysPort,
      documents: keySets,
      tls,
      trustDomain,
    }),
  ];
}

function keepHouse(context: ServiceContext, parts: Parts, signUp: SignUp): void {
  const round = createHousekeeping({
    ...parts,
    closeGivenUpSignUps: signUp.closeGivenUp,
    reloadKeys: () => parts.passportKeys.reload(),
  });
  const stop = repeat(() => untraced(round), {
    pauseMs: HOUSEKEEPING_PAUSE_MS,
    onError: (err) => context.log.warn({ err }, 'housekeeping was not finished'),
  });
  context.onClose(stop);
}
