/** Where the keys of a standalone gateway are kept: by the number of the time in which each signs. */
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { generateSigningKey, type SigningKey, thumbprint } from '@gatehouse/tokens';

/** Makes each key once, and gives it back as often as it is asked for. */
export interface KeyStore {
  /** @throws Error when the key cannot be kept or read. */
  keyOf(generation: number): SigningKey;
  /** The key if it was made, by whomever. @throws Error when it cannot be read. */
  known(generation: number): SigningKey | undefined;
  /** Forgets every key of an earlier generation. */
  forgetBefore(generation: number): void;
}

/** Keys of this process: another copy of the gateway has others, and so has this one after a restart. */
export function memoryKeyStore(): KeyStore {
  const keys = new Map<number, SigningKey>();
  return {
    keyOf: (generation) => {
      const key = keys.get(generation) ?? generateSigningKey('ES256');
      keys.set(generation, key);
      return key;
    },
    known: (generation) => keys.get(generation),
    forgetBefore: (generation) => {
      for (const known of keys.keys()) if (known < generation) keys.delete(known);
    },
  };
}

const FILE = /^passport-(\d+)\.pem$/;
const OTHERS_MAY = 0o077;

/**
 * Keys in a folder, one file each, for this user alone (0600). Replicas of the gateway that share the
 * folder share the keys: who comes first makes one, by a link that cannot be made twice.
 *
 * Synchronous: a key is read or made a few times a day.
 */
export function folderKeyStore(folder: string): KeyStore {
  const known = new Map<number, SigningKey>();
  const pathOf = (generation: number): string => join(folder, `passport-${generation}.pem`);
  return {
    keyOf: (generation) => {
      const key = known.get(generation) ?? readOrMake(folder, pathOf(generation));
      known.set(generation, key);
      return key;
    },
    known: (generation) => known.get(generation) ?? read(pathOf(generation)),
    forgetBefore: (generation) => {
      for (const old of known.keys()) if (old < generation) known.delete(old);
      for (const name of readdirSync(folder)) {
        const number = FILE.exec(name)?.[1];
        if (number !== undefined && Number(number) < generation) {
          rmSync(join(folder, name), { force: true });
        }
      }
    },
  };
}

function readOrMake(folder: string, path: string): SigningKey {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return read(path) ?? make(folder, path);
}

function make(folder: string, path: string): SigningKey {
  const { privateKey } = generateSigningKey('ES256');
  const whole = join(folder, `.new-${randomUUID()}`);
  writeFileSync(whole, privateKey.export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o600,
    flag: 'wx',
  });
  try {
    linkSync(whole, path);
  } catch (fault) {
    if (codeOf(fault) !== 'EEXIST') throw fault;
  } finally {
    rmSync(whole, { force: true });
  }
  const key = read(path);
  if (key === undefined) throw new Error(`${path} was taken away as it was made`);
  return key;
}

/** Undefined where there is no such file. */
function read(path: string): SigningKey | undefined {
  const pem = contents(path);
  if (pem === undefined) return undefined;
  if ((statSync(path).mode & OTHERS_MAY) !== 0) {
    throw new Error(`${path} may be read by others: chmod 600, and let it be replaced`);
  }
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error(`${path} is no P-256 key`);
  }
  const publicKey = createPublicKey(privateKey);
  return Object.freeze({ kid: thumbprint(publicKey), alg: 'ES256', privateKey, publicKey });
}

function contents(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT') return undefined;
    throw fault;
  }
}

function codeOf(fault: unknown): unknown {
  return fault instanceof Error && 'code' in fault ? fault.code : undefined;
}
