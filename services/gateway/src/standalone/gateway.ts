/** The gateway that runs alone, put together. */
import type { StandaloneContext } from '@gatehouse/chassis/standalone';
import { mintGatewayPassport } from '@gatehouse/tokens';
import { createEdge } from '../compose/edge.ts';
import { createForeign } from '../compose/external.ts';
import { edgeHandlers } from '../compose/handlers.ts';
import { createLiveForeign, type LiveForeign, upstreamsRoute } from '../compose/live-external.ts';
import { keepFile } from '../compose/live-file.ts';
import { aloneListener, type Listening } from '../compose/standalone-listener.ts';
import { edgeErrors } from '../errors.ts';
import { explainRoutes } from '../explain/explain.ts';
import type { FollowedFile } from '../file/follow-file.ts';
import { PASSPORT_KEYS_PATH, type StandaloneFile } from '../file/read-file.ts';
import { createForeignVerifier } from '../identify/external-verifier.ts';
import { createFailureLimit } from '../identify/failure-limit.ts';
import { createRequestLimit } from '../limit/request-limit.ts';
import { folderKeyStore, memoryKeyStore } from '../mint/key-store.ts';
import type { MintParts } from '../mint/mint.ts';
import { createRotatingKey, type RotatingKey } from '../mint/rotating-key.ts';
import { createSharedPassports } from '../mint/shared-passports.ts';
import { createObserver } from '../observe/observe.ts';
import { observeUpstreams } from '../observe/upstreams.ts';
import { createCors } from '../receive/cors.ts';
import { createRouteTable } from '../route/route-table.ts';
import type { ConfigFile } from './config-file.ts';
import { createIssuers, type Issuers } from './issuers.ts';
import { keysPage } from './keys-page.ts';
import { createLiveVerifier } from './live-verifier.ts';

/** A gateway that is built. */
export interface BuiltGateway extends Listening {
  readonly file: Pick<FollowedFile, 'reload'>;
}

/** It belongs to no trust domain; rules are asked as if it were the gateway of this one. */
const TRUST_DOMAIN = 'alone';
const IDENTITY = `spiffe://${TRUST_DOMAIN}/gateway`;
const UPSTREAM_GRACE_MS = 1000;
/** Without auth there is no news of revocations: a token is good until its end. */
const NO_NEWS = { ready: true, ageMs: () => 0 };

/** @throws Error when a key, or a file of TLS, cannot be had. */
export async function buildAlone(
  context: StandaloneContext,
  file: ConfigFile,
): Promise<BuiltGateway> {
  const { clock, log, telemetry } = context;
  let current = file.value;
  const { listen } = current;
  const key = passportKey(context, current);
  const issuers = issuersOf(context);
  const verifier = createLiveVerifier(
    createForeignVerifier(await issuers.take(current.issuers), clock),
  );
  const upstreams = liveForeign(context, current);
  const observer = createObserver({ telemetry, log });
  const { proxies } = listen;
  const identifying = { verifier, failures: createFailureLimit({ proxies }), feed: NO_NEWS };
  const minting: MintParts = {
    key,
    shared: createSharedPassports({ clock }),
    identity: IDENTITY,
    trustDomain: TRUST_DOMAIN,
    clock,
    write: (signer, claims) => {
      const { issuer: iss, audience: aud } = current.passports;
      return mintGatewayPassport(signer, { ...claims, iss, aud, req_wl: iss });
    },
  };
  const common = {
    proxies,
    cors: createCors(listen.corsOrigins),
    limit: createRequestLimit(listen.limit),
    identifying,
    minting,
    newsStale: () => false,
  };
  const routes = createRouteTable([]);
  const page = keysPage(() => key.keySet(current.passports.issuer));
  const edge = createEdge({
    ...common,
    observer,
    routes,
    pages: { find: (segments) => (isKeys(segments) ? page : undefined) },
    // Only contracts are forwarded by gRPC, and here are none.
    forwarder: {
      forward: () => Promise.reject(edgeErrors.NOT_FOUND()),
      close: async () => undefined,
    },
  });
  const foreign = createForeign(context, {
    ...common,
    config: () => upstreams.current(),
    isOurs: isKeys,
  });
  context.onClose(async () => foreign.live.close());
  const explaining = {
    ...{ routes, identifying, identity: IDENTITY, trustDomain: TRUST_DOMAIN },
    ...{ newsStale: () => false, upstreams: new Map(), foreign: upstreams },
  };
  for (const route of explainRoutes(explaining)) context.adminRoute(route);
  const followed = keepFile(context, {
    path: file.path,
    text: file.text,
    read: file.read,
    take: async (next) => {
      const taken = await issuers.take(next.issuers);
      // From here on without a pause, so that no request sees half of it.
      try {
        upstreams.take(next.routes);
      } catch (fault) {
        await issuers.take(current.issuers);
        issuers.forgetOthers();
        throw fault;
      }
      // Equal issuers keep their cache of verified tokens.
      if (isChanged(current.issuers, next.issuers)) {
        verifier.swap(createForeignVerifier(taken, clock));
      }
      issuers.forgetOthers();
      warnOfStartOnly(context, current, next);
      current = next;
    },
  });
  const handlers = edgeHandlers({ proxy: foreign.proxy, edge, observer });
  const listening = aloneListener(context, { listen, live: foreign.live, handlers });
  return { ...listening, file: followed };
}

function isKeys(segments: readonly string[]): boolean {
  return `/${segments.join('/')}` === PASSPORT_KEYS_PATH;
}

function passportKey(
  { clock, log, onClose }: StandaloneContext,
  { passports }: StandaloneFile,
): RotatingKey {
  const { keyFolder, rotateEveryMs } = passports;
  const key = createRotatingKey({
    store: keyFolder === undefined ? memoryKeyStore() : folderKeyStore(keyFolder),
    everyMs: rotateEveryMs,
    clock,
    onFault: (err) =>
      log.error({ err }, 'the next passport key cannot be had; the last one goes on'),
  });
  key.start();
  onClose(async () => key.close());
  return key;
}

function issuersOf({ clock, log, readiness, onClose }: StandaloneContext): Issuers {
  const issuers = createIssuers(clock, (issuer, event) => {
    if (event.type === 'failed') log.warn({ issuer, err: event.error }, 'keys are not to be had');
    else if (event.keys === 0) log.warn({ issuer, refused: event.refused }, 'no key can be used');
    else log.debug({ issuer, keys: event.keys }, 'keys are known');
  });
  onClose(async () => issuers.close());
  readiness('issuer-keys', () => {
    const without = issuers.without();
    if (without.length > 0) throw new Error(`no keys yet of ${without.join(', ')}`);
  });
  return issuers;
}

function liveForeign(context: StandaloneContext, { routes }: StandaloneFile): LiveForeign {
  const foreign = createLiveForeign(routes);
  context.onClose(() => foreign.close(UPSTREAM_GRACE_MS));
  observeUpstreams(context, () => foreign.states());
  context.adminRoute(upstreamsRoute(foreign));
  return foreign;
}

function warnOfStartOnly(
  { log }: StandaloneContext,
  before: StandaloneFile,
  after: StandaloneFile,
): void {
  const startOnly = ({ listen, passports }: StandaloneFile) => [
    { ...listen, proxies: undefined },
    passports.keyFolder,
    passports.rotateEveryMs,
  ];
  if (!isChanged(startOnly(before), startOnly(after))) return;
  log.warn('what "listen" and the keys of "passports" say takes effect at the next start');
}

function isChanged(before: unknown, after: unknown): boolean {
  return textOf(before) !== textOf(after);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, member) => (member instanceof Map ? [...member] : member));
}
