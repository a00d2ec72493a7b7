/** The settings of auth, beside those of the chassis; and the only place that reads them. */
import { readFileSync, statSync } from 'node:fs';
import { ConfigError, type EnvReader } from '@gatehouse/chassis';
import { normalizeEmail } from './domain/account.ts';

export interface AuthConfig {
  /** `iss` of access tokens; where `/.well-known/…` is found by others. */
  readonly issuer: string;
  /** `aud` of access tokens. */
  readonly edgeAudience: string;
  readonly bindAddress: string;
  /** Plain HTTP: discovery and key sets for everyone. */
  readonly httpPort: number;
  /** HTTPS with mutual TLS: the key sets for workloads. */
  readonly keysPort: number;
  /** 32 bytes: what the private keys in the database are sealed under. */
  readonly keyEncryptionKey: Buffer;
  /**
   * The door for the first administrator: the account of this e-mail becomes admin at the moment it
   * becomes active. Normalised.
   *
   * Dangerous where anyone can sign up: whoever signs up with that address first is admin, and no
   * e-mail is verified. Set only by the embedded default, which signs it up itself before anyone
   * can; leave it out everywhere else.
   */
  readonly bootstrapAdminEmail?: string;
}

const KEK_FILE = 'GATEHOUSE_KEK_FILE';
const KEK_BYTES = 32;
const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/;
const READABLE_BY_OTHERS = 0o077;

/** @throws ConfigError naming the first setting that is not as it must be. */
export function readAuthConfig(env: EnvReader): AuthConfig {
  const bootstrapAdminEmail = env.optionalString('GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL');
  return {
    // Compared as text by every verifier, so that it is kept as it was written.
    issuer: env.string('GATEHOUSE_ISSUER'),
    edgeAudience: env.string('GATEHOUSE_EDGE_AUDIENCE'),
    bindAddress: env.optionalString('GATEHOUSE_BIND_ADDRESS') ?? '127.0.0.1',
    httpPort: env.port('GATEHOUSE_HTTP_PORT'),
    keysPort: env.port('GATEHOUSE_KEYS_PORT'),
    keyEncryptionKey: readKeyEncryptionKey(env.string(KEK_FILE)),
    ...(bootstrapAdminEmail === undefined
      ? {}
      : { bootstrapAdminEmail: normalizeEmail(bootstrapAdminEmail) }),
  };
}

function readKeyEncryptionKey(path: string): Buffer {
  let text: string;
  let mode: number;
  try {
    mode = statSync(path).mode;
    text = readFileSync(path, 'utf8').trim();
  } catch {
    throw new ConfigError(KEK_FILE, 'must be the path of a file that this process can read');
  }
  if ((mode & READABLE_BY_OTHERS) !== 0) {
    throw new ConfigError(KEK_FILE, 'must be readable by its owner alone: chmod 600');
  }
  const key = Buffer.from(text, 'base64');
  if (!BASE64_OF_32_BYTES.test(text) || key.length !== KEK_BYTES) {
    throw new ConfigError(KEK_FILE, 'must hold 32 random bytes in base64, and nothing else');
  }
  return key;
}

/** The error of a key-encryption key that is not the one of this database. */
export function wrongKeyEncryptionKey(): ConfigError {
  return new ConfigError(
    KEK_FILE,
    'is not the key that this database was sealed with: bring the right one back, or begin with an ' +
      'empty database',
  );
}
