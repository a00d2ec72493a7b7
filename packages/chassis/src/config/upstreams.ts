import type { EnvReader } from './env-reader.ts';
import { ConfigError } from './errors.ts';

const VARIABLE = 'GATEHOUSE_UPSTREAMS';
const ENTRY = /^([a-z][a-z0-9-]*)=([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/;

/**
 * Reads where the other services are: `auth=localhost:7410,board=localhost:7430`. A name may repeat,
 * once for each endpoint.
 *
 * @returns service name → `host:port` of each endpoint.
 * @throws ConfigError when an entry is not `name=host:port`.
 *
 * @example
 * ```ts
 * import { EnvReader, readUpstreams } from '@gatehouse/chassis';
 *
 * const env = new EnvReader({ GATEHOUSE_UPSTREAMS: 'auth=localhost:7410' });
 * export const endpoints = readUpstreams(env).get('auth');
 * ```
 */
export function readUpstreams(env: EnvReader): ReadonlyMap<string, readonly string[]> {
  const upstreams = new Map<string, string[]>();
  for (const entry of env.list(VARIABLE)) {
    const [, name, host, port] = ENTRY.exec(entry) ?? [];
    if (name === undefined || Number(port) > 65_535) {
      throw new ConfigError(VARIABLE, 'must be name=host:port, …, such as auth=localhost:7410');
    }
    const addresses = upstreams.get(name) ?? [];
    addresses.push(`${host}:${port}`);
    upstreams.set(name, addresses);
  }
  return upstreams;
}

/**
 * @throws ConfigError when the service has no address.
 *
 * @example
 * ```ts
 * import { addressesOf, EnvReader, readUpstreams } from '@gatehouse/chassis';
 *
 * const env = new EnvReader({ GATEHOUSE_UPSTREAMS: 'auth=localhost:7410' });
 * export const endpoints = addressesOf(readUpstreams(env), 'auth');
 * ```
 */
export function addressesOf(
  upstreams: ReadonlyMap<string, readonly string[]>,
  service: string,
): readonly string[] {
  const addresses = upstreams.get(service);
  if (addresses === undefined) {
    throw new ConfigError(VARIABLE, `must name ${service}: add ${service}=host:port`);
  }
  return addresses;
}
