/** The settings of core, beside those of the chassis; and the only place that reads them. */
import { ConfigError, type EnvReader } from '@gatehouse/chassis';

/** Where extension is, and where core gets its token for it. */
export interface ExtensionConfig {
  /** A base URL for each copy. */
  readonly addresses: readonly URL[];
  readonly tokenUrl: URL;
  /** How a token is asked for: RFC 6749, or as the original auth server wants it. */
  readonly wire: 'oauth2' | 'original';
  readonly clientId: string;
  /** Read at each fetch of a token. */
  readonly secretFile: string;
}

export interface CoreConfig {
  /** Undefined: no client is set, and the batch updates nothing. */
  readonly extension: ExtensionConfig | undefined;

  /** When the daily batch begins, in milliseconds after midnight in Asia/Seoul; undefined: never. */
  readonly batchAtMs: number | undefined;
  /** Calls to extension at the same time, 1 to 128. */
  readonly batchConcurrency: number;
}

const TARGETS = 'GATEHOUSE_HTTP_TARGETS';
const BATCH_AT = 'GATEHOUSE_BATCH_AT';
const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;
const DEFAULT_CONCURRENCY = 16;

/** @throws ConfigError naming the first setting that is not as it must be. */
export function readCoreConfig(env: EnvReader): CoreConfig {
  const range = { least: 1, most: 128 };
  return {
    extension: readExtension(env),
    batchAtMs: timeOfDayMs(env.optionalString(BATCH_AT) ?? '00:10'),
    batchConcurrency:
      env.optionalInteger('GATEHOUSE_BATCH_CONCURRENCY', range) ?? DEFAULT_CONCURRENCY,
  };
}

function readExtension(env: EnvReader): ExtensionConfig | undefined {
  const clientId = env.optionalString('GATEHOUSE_CLIENT_ID');
  if (clientId === undefined) return undefined;
  const addresses = env.list(TARGETS).flatMap((entry) => {
    const [name, ...rest] = entry.split('=');
    return name === 'extension' ? [URL.parse(rest.join('='))] : [];
  });
  const known = addresses.filter((url) => url !== null);
  if (known.length === 0 || known.length < addresses.length) {
    throw new ConfigError(TARGETS, 'must say where extension is: extension=http://127.0.0.1:8092');
  }
  return {
    addresses: known,
    tokenUrl: env.url('GATEHOUSE_TOKEN_URL'),
    wire: env.oneOf('GATEHOUSE_TOKEN_WIRE', ['oauth2', 'original'], 'oauth2'),
    clientId,
    secretFile: env.string('GATEHOUSE_CLIENT_SECRET_FILE'),
  };
}

function timeOfDayMs(text: string): number | undefined {
  if (text === 'off') return undefined;
  const [, hours, minutes] = TIME_OF_DAY.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) {
    throw new ConfigError(BATCH_AT, 'must be a time in Asia/Seoul, such as 00:10, or off');
  }
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}
