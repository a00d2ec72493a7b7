/** The HTTP services that a process calls, and its own token for them. */
import {
  type BreakerState,
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
import type { Clock } from '@gatehouse/tokens';
import type { Logger } from 'pino';
import type { EnvReader } from '../config/env-reader.ts';
import { readHttpTarget, readServiceCredentials } from '../config/http-targets.ts';
import type { Closers } from '../process/closers.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { spiffeIdFor } from '../tls/spiffe.ts';
import type { TlsFiles } from '../tls/tls-files.ts';

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

/** What targets are made from. */
export interface HttpTargetParts {
  readonly env: EnvReader;
  readonly log: Logger;
  readonly clock: Clock;
  readonly tls: TlsFiles;
  readonly telemetry: Telemetry;
  readonly closers: Closers;
  readonly trustDomain: string;
}

/** The targets of a process; each is made when it is first asked for. */
export class HttpTargets {
  readonly #parts: HttpTargetParts;
  readonly #targets = new Map<string, HttpTarget>();
  #tokens: TokenManager | undefined;

  constructor(parts: HttpTargetParts) {
    this.#parts = parts;
  }

  /** @throws ConfigError when a setting for it is missing. */
  target(name: string, use: HttpTargetUse): HttpTarget {
    const known = this.#targets.get(name);
    if (known !== undefined) return known;
    const { env, log, tls, telemetry, closers, trustDomain } = this.#parts;
    const { ownToken = true, ...rest } = use;
    const addresses = readHttpTarget(env, name);
    const isProven = addresses.every(({ protocol }) => protocol === 'https:');
    const target = createHttpTarget({
      ...rest,
      name,
      addresses,
      tracer: telemetry.tracer,
      ...(ownToken ? { tokens: this.#ownTokens() } : {}),
      ...(isProven ? { peer: { tls, spiffeId: spiffeIdFor(trustDomain, name) } } : {}),
      onBreaker: (state) => logBreaker(log, name, state),
    });
    this.#targets.set(name, target);
    closers.add(`HTTP to ${name}`, async () => target.close());
    return target;
  }

  #ownTokens(): TokenManager {
    if (this.#tokens !== undefined) return this.#tokens;
    const { log, clock, closers } = this.#parts;
    const fetchToken = this.#fetchToken();
    const tokens = createTokenManager({
      fetchToken,
      clock,
      onEvent: (event) => logToken(log, event),
    });
    this.#tokens = tokens;
    closers.add('own token', async () => tokens.close());
    return tokens;
  }

  #fetchToken(): FetchToken {
    const { env, tls, trustDomain } = this.#parts;
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
}

/** Says in the log when calls to a service stop, and when they go again. */
export function logBreaker(log: Logger, target: string, state: BreakerState): void {
  if (state === 'open') log.warn({ target }, 'a service fails: calls to it are put off');
  else log.info({ target, state }, 'calls to a service go again');
}

function logToken(log: Logger, event: TokenEvent): void {
  if (event.type === 'issued') {
    log.debug({ lifeMs: event.lifeMs }, 'a service token was fetched');
    return;
  }
  const { error, retryInMs, stillServing } = event;
  log.warn({ err: error, retryInMs, stillServing }, 'no service token could be fetched');
}
