/** The standalone gateway: the same composition as that of a platform, by its file. */
import type { StandaloneContext } from '@gatehouse/chassis/standalone';
import { mintGatewayPassport, type PassportClaims, type Signer } from '@gatehouse/tokens';
import { createExternalRoutes } from '../compose/external-routes.ts';
import { composeGateway } from '../compose/gateway.ts';
import type { EdgeListener, ListenAt } from '../compose/listen.ts';
import { keepFile } from '../compose/live-file.ts';
import type { GatewayStages } from '../decide/stages.ts';
import { edgeErrors } from '../errors.ts';
import type { FollowedFile } from '../file/follow-file.ts';
import type { StandaloneFile } from '../file/read-file.ts';
import { createExternalVerifier } from '../identify/external-verifier.ts';
import { folderKeyStore, memoryKeyStore } from '../mint/key-store.ts';
import { createRotatingKey, type RotatingKey } from '../mint/rotating-key.ts';
import { createPageTree } from '../route/route.ts';
import { stages } from '../stages.ts';
import type { ConfigFile } from './config-file.ts';
import { createIssuers, type Issuers } from './issuers.ts';
import { keysPage } from './keys-page.ts';
import { createLiveVerifier } from './live-verifier.ts';

/** A gateway that is built. */
export interface BuiltGateway {
  readonly listener: EdgeListener;
  readonly file: Pick<FollowedFile, 'reload'>;
}

/** It belongs to no trust domain; rules are asked as if it were the gateway of this one. */
const TRUST_DOMAIN = 'standalone';
const IDENTITY = `spiffe://${TRUST_DOMAIN}/gateway`;
/** Without auth there is no revocation feed: a token is good until its end. */
const NO_FEED = { ready: true, ageMs: () => 0, stale: false };
/** Only contracts are called by gRPC, and here are none. */
const NO_GRPC = {
  methods: [],
  upstreams: new Map<string, readonly string[]>(),
  forwarder: {
    forward: () => Promise.reject(edgeErrors.NOT_FOUND()),
    close: async () => undefined,
  },
};

/**
 * @param ownStages - default: those of `stages.ts`.
 * @throws Error when a key, or a file of TLS, cannot be had.
 */
export async function buildStandalone(
  context: StandaloneContext,
  file: ConfigFile,
  ownStages: GatewayStages = stages,
): Promise<BuiltGateway> {
  const { clock } = context;
  let current = file.value;
  const { listen } = current;
  const key = passportKey(context, current);
  const issuers = issuersOf(context);
  const verifier = createLiveVerifier(
    createExternalVerifier(await issuers.take(current.issuers), clock),
  );
  const external = createExternalRoutes(context, current.routes);
  const write = (signer: Signer, claims: PassportClaims): string => {
    const { issuer: iss, audience: aud } = current.passports;
    return mintGatewayPassport(signer, { ...claims, iss, aud, req_wl: iss });
  };
  const listenerAt = composeGateway(context, {
    ...listen,
    own: createPageTree([keysPage(() => key.keySet(current.passports.issuer))]),
    pages: createPageTree([]),
    external,
    verifier,
    feed: NO_FEED,
    minting: { key, identity: IDENTITY, trustDomain: TRUST_DOMAIN, write },
    grpc: NO_GRPC,
    stages: ownStages,
  });
  const followed = keepFile(context, {
    path: file.path,
    text: file.text,
    read: file.read,
    take: async (next) => {
      const taken = await issuers.take(next.issuers);
      // From here on without a pause, so that no request sees half of it.
      try {
        external.take(next.routes);
      } catch (fault) {
        await issuers.take(current.issuers);
        issuers.forgetOthers();
        throw fault;
      }
      // Equal issuers keep their cache of verified tokens.
      if (isChanged(current.issuers, next.issuers)) {
        verifier.swap(createExternalVerifier(taken, clock));
      }
      issuers.forgetOthers();
      warnOfStartOnly(context, current, next);
      current = next;
    },
  });
  return { listener: listenerAt(placeOf(listen)), file: followed };
}

function placeOf({ address: host, port, tls }: StandaloneFile['listen']): ListenAt {
  return {
    host,
    port,
    tls: tls === undefined ? undefined : { certFile: tls.cert, keyFile: tls.key },
  };
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
    onFault: (err) => log.error({ err }, 'next passport key unavailable, the current one stays'),
  });
  key.start();
  onClose(async () => key.close());
  return key;
}

function issuersOf({ clock, log, readiness, onClose }: StandaloneContext): Issuers {
  const issuers = createIssuers(clock, (issuer, event) => {
    if (event.type === 'failed')
      log.warn({ issuer, err: event.error }, 'issuer keys unavailable, retrying');
    else if (event.keys === 0)
      log.warn({ issuer, refused: event.refused }, 'issuer has no usable key');
    else log.debug({ issuer, keys: event.keys }, 'issuer keys fetched');
  });
  onClose(async () => issuers.close());
  readiness('issuer-keys', () => {
    const without = issuers.without();
    if (without.length > 0) throw new Error(`no keys yet of ${without.join(', ')}`);
  });
  return issuers;
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
