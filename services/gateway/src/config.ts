/** The gateway's own settings. */
import { ConfigError, type EnvReader, readTraceView, readUpstreams } from '@gatehouse/chassis';
import { type TrustedProxies, trustedProxies } from './receive/client-address.ts';

/** What the gateway is told by its environment. */
export interface GatewayConfig {
  readonly bindAddress: string;
  /** Where the edge listens; 0: any free port. */
  readonly edgePort: number;
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
}

/** @throws ConfigError naming the first setting that is not as it must be. */
export function readGatewayConfig(env: EnvReader): GatewayConfig {
  return {
    bindAddress: env.optionalString('GATEHOUSE_BIND_ADDRESS') ?? '127.0.0.1',
    edgePort: env.port('GATEHOUSE_HTTP_PORT'),
    issuer: env.string('GATEHOUSE_ISSUER'),
    audience: env.string('GATEHOUSE_EDGE_AUDIENCE'),
    keysUrl: env.url('GATEHOUSE_KEYS_URL'),
    upstreams: readUpstreams(env),
    traceView: readTraceView(env),
    proxies: readProxies(env),
  };
}

function readProxies(env: EnvReader): TrustedProxies {
  const name = 'GATEHOUSE_TRUSTED_PROXIES';
  try {
    return trustedProxies(env.list(name));
  } catch {
    throw new ConfigError(name, 'must be IP addresses or CIDR blocks, such as 10.0.0.0/8,::1');
  }
}
