/** The HTTP services that a process calls, and its own token for them. */
import {
  clientCredentialsToken,
  createHttpTarget,
  createTokenManager,
  type FetchToken,
  type HttpTarget,
  originalWireToken,
  type PartialPolicy,
  type PassportUse,
  secretFromFile,
  type TokenEvent,
  type TokenManager,
} from '@gatehouse/client';
import type { Logger } from 'pino';
import { readHttpTarget, readServiceCredentials } from '../config/http-targets.ts';
import { once } from '../process/once.ts';
import type { ServiceParts } from '../process/parts.ts';
import { spiffeIdFor } from '../tls/spiffe.ts';
import { logBreaker } from './clients.ts';

/** How one HTTP service is called. */
export interface HttpTargetUse {
  readonly policy?: PartialPolicy;
  /** Whether the process's own token goes with each call. Default true. */
  readonly ownToken?: boolean;
  /** Default: `if there is one` over `https:`, where the peer proves who it is; `never` over `http:`. */
  readonly passport?: PassportUse;
  /** Default 1 MiB. */
  readonly maxResponseBytes?: number;
}

/** Gives the target of a name; the same one, made for the first use, when it is asked for again. */
export type HttpTargetOf = (name: string, use?: HttpTargetUse) => HttpTarget;

/** The function that it returns throws ConfigError when a setting for a target is missing. */
export function createHttpTargets(parts: ServiceParts): HttpTargetOf {
  const targets = new Map<string, HttpTarget>();
  const ownTokens = once(() => createOwnTokens(parts));
  return (name, use = {}) => {
    const target = targets.get(name) ?? createTarget(parts, ownTokens, { name, ...use });
    targets.set(name, target);
    return target;
  };
}

function createTarget(
  { env, log, tls, telemetry, closers, trustDomain }: ServiceParts,
  ownTokens: () => TokenManager,
  { name, ownToken = true, ...use }: HttpTargetUse & { readonly name: string },
): HttpTarget {
  const addresses = readHttpTarget(env, name);
  const isProven = addresses.every(({ protocol }) => protocol === 'https:');
  const target = createHttpTarget({
    ...use,
    name,
    addresses,
    tracer: telemetry.tracer,
    ...(ownToken ? { tokens: ownTokens() } : {}),
    ...(isProven ? { peer: { tls, spiffeId: spiffeIdFor(trustDomain, name) } } : {}),
    onBreaker: (state) => logBreaker(log, name, state),
  });
  closers.add(`HTTP to ${name}`, async () => target.close());
  return target;
}

function createOwnTokens(parts: ServiceParts): TokenManager {
  const { log, clock, closers } = parts;
  const fetchToken = fetchOwnToken(parts);
  const tokens = createTokenManager({
    fetchToken,
    clock,
    onEvent: (event) => logToken(log, event),
  });
  closers.add('own token', async () => tokens.close());
  return tokens;
}

function fetchOwnToken({ env, tls, trustDomain }: ServiceParts): FetchToken {
  const { wire, tokenUrl, secretFile, ...client } = readServiceCredentials(env);
  const auth = {
    ...client,
    clientSecret: secretFromFile(secretFile),
    // Over https it is the auth of this trust domain, as for its keys.
    tls: () => tls.connectOptions(spiffeIdFor(trustDomain, 'auth')),
  };
  return wire === 'original'
    ? originalWireToken({ ...auth, url: tokenUrl })
    : clientCredentialsToken({ ...auth, tokenUrl });
}

function logToken(log: Logger, event: TokenEvent): void {
  if (event.type === 'issued') {
    log.debug({ lifeMs: event.lifeMs }, 'service token fetched');
    return;
  }
  const { error, retryInMs, stillServing } = event;
  log.warn({ err: error, retryInMs, stillServing }, 'service token unavailable, retrying');
}
