/** The settings of extension, beside those of the chassis; and the only place that reads them. */
import { ConfigError, type EnvReader } from '@gatehouse/chassis';

/** An auth server that behaves as the original one does. */
export interface OriginalAuth {
  /** `GET /msa/auth/api/public-key`. */
  readonly keyUrl: URL;
  /** The `iss` of its tokens, compared exactly. */
  readonly issuer: string;
  /** The clients that may call, by the `sub` of their tokens: those tokens say nothing else. */
  readonly clients: ReadonlySet<string>;
}

export interface ExtensionConfig {
  /** Whether service tokens of our own auth are taken (GATEHOUSE_ISSUER is set). */
  readonly takesOurs: boolean;
  /** Absent: tokens without `typ`, `kid` and `aud` are refused. */
  readonly original?: OriginalAuth;
}

const KEY_URL = 'GATEHOUSE_ORIGINAL_KEY_URL';
const ISSUER = 'GATEHOUSE_ORIGINAL_ISSUER';
const CLIENTS = 'GATEHOUSE_ORIGINAL_CLIENTS';

/** @throws ConfigError naming the first setting that is invalid. */
export function readExtensionConfig(env: EnvReader): ExtensionConfig {
  const takesOurs = env.optionalString('GATEHOUSE_ISSUER') !== undefined;
  const keyUrl = env.optionalUrl(KEY_URL);
  if (keyUrl === undefined) {
    if (!takesOurs) {
      throw new ConfigError(
        'GATEHOUSE_ISSUER',
        `must be set, or ${KEY_URL}: whose tokens are good?`,
      );
    }
    return { takesOurs };
  }
  const clients = new Set(env.list(CLIENTS));
  if (clients.size === 0) {
    throw new ConfigError(CLIENTS, 'must name the clients that may call, separated by commas');
  }
  return { takesOurs, original: { keyUrl, issuer: env.string(ISSUER), clients } };
}
