import type { EnvReader } from './env-reader.ts';
import { type PlaceSetting, placesOf, readPlaces } from './places.ts';

const ADDRESS = /^([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/;

const UPSTREAMS: PlaceSetting<string> = {
  variable: 'GATEHOUSE_UPSTREAMS',
  form: 'host:port',
  example: 'auth=localhost:7410',
  parse: (text) => (Number(ADDRESS.exec(text)?.[2]) <= 65_535 ? text : undefined),
};

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
  return readPlaces(env, UPSTREAMS);
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
  return placesOf(upstreams, service, UPSTREAMS);
}
