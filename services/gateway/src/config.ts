/** The gateway's own settings. */
import { ConfigError, type EnvReader, readTraceView, readUpstreams } from '@gatehouse/chassis';
import type { ListenAt } from './compose/listen.ts';
import type { RequestLimitOptions } from './limit/request-limit.ts';
import { type TrustedProxies, trustedProxies } from './receive/client-address.ts';
import type { ConnectionLimits } from './receive/connection-limit.ts';
import { isOrigin } from './receive/cors.ts';

/** What the gateway is told by its environment. */
export interface GatewayConfig {
  /** Where the edge listens: plain, and where there is a certificate also over TLS. */
  readonly listen: readonly ListenAt[];
  /** The `iss` that access tokens must have. */
  readonly issuer: string;
  /** The `aud` that access tokens must have. */
  readonly audience: string;
  /** Base of auth's key sets. */
  readonly keysUrl: URL;
  /** Service name → `host:port` of each copy. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
  readonly proxies: TrustedProxies;
  /** The collector whose traces are shown at /traces. Absent: no trace view. */
  readonly traceView: URL | undefined;
  /** `gateway.yaml`: routes to services that are not ours. Default: none. */
  readonly gatewayFile: string | undefined;
  /** Origins whose pages may read answers. Default: none. */
  readonly corsOrigins: readonly string[];
  /** Requests of one address. Default: 500 a second, and 1000 more in ten seconds. */
  readonly requestLimit: RequestLimitOptions;
  /** Default: 10 000 in all, 1000 of one address. */
  readonly connections: Omit<ConnectionLimits, 'proxies'>;
  readonly passportKey: {
    /** Age at which another key takes its place; 0: never. Default a day. */
    readonly rotateAfterMs: number;
    /** How long the next one is registered before it signs. Default 330 s. */
    readonly rotationSettleMs: number;
  };
}

const PASSPORT_KEY_SECONDS = 86_400;
/** Longer than a service without the revocation feed waits until it fetches the key set again. */
const PASSPORT_KEY_SETTLE_SECONDS = 330;
const REQUESTS_PER_SECOND = 500;
const REQUEST_BURST = 1000;
const CONNECTIONS = 10_000;
const CONNECTIONS_PER_ADDRESS = 1000;
/** Above what any process can do: as good as no limit. */
const HIGHEST = 1_000_000_000;

/** @throws ConfigError naming the first invalid setting. */
export function readGatewayConfig(env: EnvReader): GatewayConfig {
  const proxies = readProxies(env);
  const count = (name: string, least: number, fallback: number): number =>
    env.optionalInteger(name, { least, most: HIGHEST }) ?? fallback;
  return {
    listen: readListen(env),
    issuer: env.string('GATEHOUSE_ISSUER'),
    audience: env.string('GATEHOUSE_EDGE_AUDIENCE'),
    keysUrl: env.url('GATEHOUSE_KEYS_URL'),
    upstreams: readUpstreams(env),
    traceView: readTraceView(env),
    gatewayFile: env.optionalString('GATEHOUSE_GATEWAY_FILE'),
    proxies,
    corsOrigins: readOrigins(env),
    requestLimit: {
      perSecond: count('GATEHOUSE_RATE_PER_SECOND', 1, REQUESTS_PER_SECOND),
      burst: count('GATEHOUSE_RATE_BURST', 0, REQUEST_BURST),
    },
    connections: {
      total: count('GATEHOUSE_MAX_CONNECTIONS', 1, CONNECTIONS),
      perAddress: count('GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS', 1, CONNECTIONS_PER_ADDRESS),
    },
    passportKey: {
      rotateAfterMs:
        count('GATEHOUSE_PASSPORT_KEY_ROTATION_SECONDS', 0, PASSPORT_KEY_SECONDS) * 1000,
      rotationSettleMs:
        count('GATEHOUSE_PASSPORT_KEY_SETTLE_SECONDS', 0, PASSPORT_KEY_SETTLE_SECONDS) * 1000,
    },
  };
}

function readListen(env: EnvReader): GatewayConfig['listen'] {
  const host = env.optionalString('GATEHOUSE_BIND_ADDRESS') ?? '127.0.0.1';
  const plain = { host, port: env.port('GATEHOUSE_HTTP_PORT'), tls: undefined };
  const certFile = env.optionalString('GATEHOUSE_EDGE_CERT_FILE');
  const keyFile = env.optionalString('GATEHOUSE_EDGE_KEY_FILE');
  if (certFile === undefined && keyFile === undefined) return [plain];
  if (certFile === undefined || keyFile === undefined) {
    throw new ConfigError(
      'GATEHOUSE_EDGE_CERT_FILE',
      'and GATEHOUSE_EDGE_KEY_FILE need each other',
    );
  }
  const tls = { certFile, keyFile };
  return [plain, { host, port: env.port('GATEHOUSE_HTTPS_PORT'), tls }];
}

function readOrigins(env: EnvReader): readonly string[] {
  const name = 'GATEHOUSE_CORS_ORIGINS';
  const origins = env.list(name);
  if (!origins.every(isOrigin)) {
    throw new ConfigError(
      name,
      'must be origins, such as https://app.example,http://localhost:3000',
    );
  }
  return origins;
}

function readProxies(env: EnvReader): TrustedProxies {
  const name = 'GATEHOUSE_TRUSTED_PROXIES';
  try {
    return trustedProxies(env.list(name));
  } catch {
    throw new ConfigError(name, 'must be IP addresses or CIDR blocks, such as 10.0.0.0/8,::1');
  }
}
