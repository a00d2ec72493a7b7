import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { ConfigError } from '../config/errors.ts';
import { checkServerIdentityFor, spiffeIdOf } from './spiffe.ts';

/** How often the files are looked at, unless told otherwise. */
const POLL_INTERVAL_MS = 5_000;

interface Material {
  readonly key: Buffer;
  readonly chain: Buffer;
  readonly bundle: Buffer;
  readonly identity: string;
}

/**
 * A workload's key, certificate chain and trust bundle, read from files and read again when they
 * change, so that a short-lived certificate can be renewed beneath a running process.
 *
 * Folder: `key.pem` (PKCS #8), `chain.pem` (leaf first), `bundle.pem` (the trust domain's
 * authorities). Who writes them replaces each by rename. A half-written state (key and chain do not
 * match) is passed over until it is whole; so is a certificate with another SPIFFE ID.
 */
export class TlsFiles {
  readonly #folder: string;
  readonly #listeners = new Set<() => void>();
  #material: Material;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param folder - as in GATEHOUSE_TLS_DIR.
   * @throws ConfigError when a file is missing or does not fit the others.
   */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      this.#material = readMaterial(folder);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'unreadable';
      throw new ConfigError(
        'GATEHOUSE_TLS_DIR',
        `must be a folder with key.pem, chain.pem and bundle.pem that fit together (${reason})`,
      );
    }
  }

  /** SPIFFE ID of the own certificate. */
  get identity(): string {
    return this.#material.identity;
  }

  /** When the own certificate ends, in milliseconds since the epoch. */
  get expiresAtMs(): number {
    return new X509Certificate(this.#material.chain).validToDate.getTime();
  }

  /** For `tls.createSecureContext` and `setSecureContext`: TLS 1.3, own chain, trust bundle. */
  secureContextOptions(): SecureContextOptions {
    const { key, chain, bundle } = this.#material;
    return { key, cert: chain, ca: bundle, minVersion: 'TLSv1.3' };
  }

  /**
   * For `tls.connect`, `http2.connect` and `https.request`: mutual TLS to exactly one workload. Ask
   * again for each connection, so that a renewed certificate is used.
   */
  connectOptions(serverSpiffeId: string): ConnectionOptions {
    return {
      ...this.secureContextOptions(),
      rejectUnauthorized: true,
      checkServerIdentity: checkServerIdentityFor(serverSpiffeId),
    };
  }

  /** Calls back after each renewal. @returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to look for changes; keeps no process alive. */
  watch(intervalMs: number = POLL_INTERVAL_MS): void {
    this.#timer ??= setInterval(() => this.reload(), intervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  /** Looks at the files now. @returns whether new ones were taken up. */
  reload(): boolean {
    const next = tryReadMaterial(this.#folder);
    if (next === undefined || next.identity !== this.#material.identity) return false;
    if (isSame(next, this.#material)) return false;
    this.#material = next;
    for (const listener of this.#listeners) listener();
    return true;
  }
}

function readMaterial(folder: string): Material {
  const key = readFileSync(join(folder, 'key.pem'));
  const chain = readFileSync(join(folder, 'chain.pem'));
  const bundle = readFileSync(join(folder, 'bundle.pem'));
  const leaf = new X509Certificate(chain);
  if (!leaf.checkPrivateKey(createPrivateKey(key))) {
    throw new Error('key.pem is not the key of chain.pem');
  }
  // Proves that the bundle can be parsed, before TLS is asked to use it.
  new X509Certificate(bundle);
  return { key, chain, bundle, identity: spiffeIdOf(leaf.raw) };
}

function tryReadMaterial(folder: string): Material | undefined {
  try {
    return readMaterial(folder);
  } catch {
    // Written at this moment, or badly: what is known stays, and the next look decides anew.
    return undefined;
  }
}

function isSame(a: Material, b: Material): boolean {
  return a.key.equals(b.key) && a.chain.equals(b.chain) && a.bundle.equals(b.bundle);
}
