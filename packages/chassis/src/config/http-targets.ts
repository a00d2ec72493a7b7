import type { EnvReader } from './env-reader.ts';
import { ConfigError } from './errors.ts';

const TARGETS = 'GATEHOUSE_HTTP_TARGETS';
const TOKEN_URL = 'GATEHOUSE_TOKEN_URL';
const ENTRY = /^([a-z][a-z0-9-]*)=(https?:\/\/.+)$/;

/**
 * Reads where a service is that speaks HTTP: `extension=http://127.0.0.1:8092`. A name may repeat, once for
 * each endpoint.
 *
 * @throws ConfigError when an entry is not `name=URL`, or none has the name.
 */
export function readHttpTarget(env: EnvReader, target: string): readonly URL[] {
  const addresses = env.list(TARGETS).map((entry) => {
    const [, name, text = ''] = ENTRY.exec(entry) ?? [];
    const url = URL.parse(text);
    if (name === undefined || url === null) {
      throw new ConfigError(
        TARGETS,
        'must be name=URL, …, such as extension=http://127.0.0.1:8092',
      );
    }
    return { name, url };
  });
  const urls = addresses.filter(({ name }) => name === target).map(({ url }) => url);
  if (urls.length === 0) {
    throw new ConfigError(TARGETS, `must name ${target}: add ${target}=http://host:port`);
  }
  return urls;
}

/** Where a service gets its own token, and with what. */
export interface ServiceCredentials {
  readonly tokenUrl: URL;
  /** RFC 6749, or as the original auth server wants it. */
  readonly wire: 'oauth2' | 'original';
  readonly clientId: string;
  /** Read at each fetch of a token. */
  readonly secretFile: string;
  readonly scope?: string;
}

/** @throws ConfigError when one is missing. */
export function readServiceCredentials(env: EnvReader): ServiceCredentials {
  const scope = env.optionalString('GATEHOUSE_CLIENT_SCOPE');
  return {
    tokenUrl: env.url(TOKEN_URL),
    wire: env.oneOf('GATEHOUSE_TOKEN_WIRE', ['oauth2', 'original'], 'oauth2'),
    clientId: env.string('GATEHOUSE_CLIENT_ID'),
    secretFile: env.string('GATEHOUSE_CLIENT_SECRET_FILE'),
    ...(scope === undefined ? {} : { scope }),
  };
}
