import type { EnvReader } from './env-reader.ts';
import { type PlaceSetting, placesOf, readPlaces } from './places.ts';

const TARGETS: PlaceSetting<URL> = {
  variable: 'GATEHOUSE_HTTP_TARGETS',
  form: 'http://host:port',
  example: 'extension=http://127.0.0.1:8092',
  parse: (text) => (/^https?:\/\/./.test(text) ? (URL.parse(text) ?? undefined) : undefined),
};

/**
 * Reads where a service is that speaks HTTP.
 *
 * @throws ConfigError when an entry is not `name=URL`, or none has the name.
 */
export function readHttpTarget(env: EnvReader, target: string): readonly URL[] {
  return placesOf(readPlaces(env, TARGETS), target, TARGETS);
}

/** Where a service gets its own token, and with what. */
export interface ServiceCredentials {
  readonly tokenUrl: URL;
  /** RFC 6749, or as the original auth server wants it. */
  readonly wire: 'oauth2' | 'original';
  readonly clientId: string;
  /** Read at each fetch of a token. */
  readonly secretFile: string;
  readonly scope?: string | undefined;
}

/** @throws ConfigError when one is missing. */
export function readServiceCredentials(env: EnvReader): ServiceCredentials {
  return {
    tokenUrl: env.url('GATEHOUSE_TOKEN_URL'),
    wire: env.oneOf('GATEHOUSE_TOKEN_WIRE', ['oauth2', 'original'], 'oauth2'),
    clientId: env.string('GATEHOUSE_CLIENT_ID'),
    secretFile: env.string('GATEHOUSE_CLIENT_SECRET_FILE'),
    scope: env.optionalString('GATEHOUSE_CLIENT_SCOPE'),
  };
}
