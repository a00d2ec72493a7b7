/** The settings of auth, beside those of the chassis; and the only place that reads them. */
import { readFileSync, statSync } from 'node:fs';
import { ConfigError, type EnvReader } from '@gatehouse/chassis';
import { normalizeEmail } from './accounts/rules.ts';

export interface AuthConfig {
  /** `iss` of access tokens; where `/.well-known/…` is found by others. */
  readonly issuer: string;
  /** `aud` of access tokens. */
  readonly edgeAudience: string;
  /** Whether the plain listener also speaks the wire of the original system, `/msa/auth/…`. */
  readonly originalWire: boolean;
  /** HTTPS with mutual TLS: the key sets for workloads. */
  readonly keysPort: number;
  /**
   * Reads what the private keys in the database are sealed under, 32 bytes each, the newest first.
   *
   * @throws ConfigError when the file became invalid.
   */
  readonly readKeyEncryptionKeys: () => readonly Buffer[];
  /** How long a new signing key is published before it signs. */
  readonly keyWaitSeconds: number;
  /** How long a signing key signs before the next one takes its place; 0: until someone says so. */
  readonly keyRotationSeconds: number;
  /**
   * How the first administrator is made: the account of this e-mail becomes admin at the moment it
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
const DAY_SECONDS = 86_400;
/**
 * A key set may be kept by a cache for five minutes, and by a verifier behind that cache for five
 * more; the rest is for clocks and for what is slow.
 */
const KEY_WAIT_SECONDS = 900;
const KEY_ROTATION_DAYS = 30;

/** @throws ConfigError naming the first setting that is invalid. */
export function readAuthConfig(env: EnvReader): AuthConfig {
  const bootstrapAdminEmail = env.optionalString('GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL');
  const kekFile = env.string(KEK_FILE);
  const readKeyEncryptionKeys = () => readKeysIn(kekFile);
  // A wrong file is reported at the start.
  readKeyEncryptionKeys();
  const waitBounds = { least: 0, most: DAY_SECONDS };
  const dayBounds = { least: 0, most: 3650 };
  return {
    // Compared as text by every verifier, so that it is kept as it was written.
    issuer: env.string('GATEHOUSE_ISSUER'),
    edgeAudience: env.string('GATEHOUSE_EDGE_AUDIENCE'),
    originalWire: env.oneOf('GATEHOUSE_ORIGINAL_WIRE', ['on', 'off'], 'on') === 'on',
    keysPort: env.port('GATEHOUSE_KEYS_PORT'),
    readKeyEncryptionKeys,
    keyWaitSeconds:
      env.optionalInteger('GATEHOUSE_KEY_WAIT_SECONDS', waitBounds) ?? KEY_WAIT_SECONDS,
    keyRotationSeconds:
      (env.optionalInteger('GATEHOUSE_KEY_ROTATION_DAYS', dayBounds) ?? KEY_ROTATION_DAYS) *
      DAY_SECONDS,
    ...(bootstrapAdminEmail === undefined
      ? {}
      : { bootstrapAdminEmail: normalizeEmail(bootstrapAdminEmail) }),
  };
}

function readKeysIn(path: string): readonly Buffer[] {
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
  const keys = text.split(/\s+/).map((line) => {
    const key = Buffer.from(line, 'base64');
    if (!BASE64_OF_32_BYTES.test(line) || key.length !== KEK_BYTES) {
      throw new ConfigError(
        KEK_FILE,
        'must hold 32 random bytes in base64, or several of those, one a line, the newest first',
      );
    }
    return key;
  });
  return keys;
}

/** The error of a key-encryption key that is not the one of this database. */
export function wrongKeyEncryptionKey(): ConfigError {
  return new ConfigError(
    KEK_FILE,
    'has no key that this database was sealed with: bring the right one back, or begin with an ' +
      'empty database',
  );
}
