import { createPrivateKey, X509Certificate } from 'node:crypto';
import { basename } from 'node:path';
import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { FollowedFiles } from '@gatehouse/runtime';
import { ConfigError } from '../config/errors.ts';
import { checkServerIdentityFor, spiffeIdOf } from './spiffe.ts';
import { type TlsPaths, tlsPathsIn } from './tls-names.ts';

/** How often the files are looked at, unless told otherwise. */
const POLL_INTERVAL_MS = 1_000;

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

type Contents = Readonly<Record<keyof TlsPaths, Buffer>>;

interface Material {
  readonly contents: Contents;
  readonly identity: string;
}

/**
 * A workload's key, certificate chain and trust bundle, read from files and read again when they
 * change, so that a short-lived certificate can be renewed beneath a running process.
 *
 * The folder has the key, the chain (leaf first) and the bundle (the trust domain's authorities, as many
 * as there are during a change), all PEM, by the names that {@link tlsPathsIn} knows. Who writes them
 * replaces each by rename. A half-written state (key and chain do not
 * match) is passed over until it is whole; so is a certificate with another SPIFFE ID.
 */
export class TlsFiles {
  /** Where the files are, for whoever reads them itself. */
  readonly paths: TlsPaths;
  readonly #files: FollowedFiles<Record<keyof TlsPaths, string>, Material>;

  /**
   * @param folder - as in GATEHOUSE_TLS_DIR.
   * @throws ConfigError when a file is missing or does not fit the others.
   */
  constructor(folder: string) {
    const paths = tlsPathsIn(folder);
    this.paths = paths;
    let identity: string | undefined;
    const parse = (contents: Contents): Material => {
      const material = materialOf(contents, paths);
      identity ??= material.identity;
      if (material.identity !== identity) throw new Error('the certificate has another SPIFFE ID');
      return material;
    };
    try {
      this.#files = new FollowedFiles({ paths: { ...paths }, parse });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'unreadable';
      throw new ConfigError(
        'GATEHOUSE_TLS_DIR',
        `must be a folder with key.pem, chain.pem and bundle.pem that fit together, or those files by the names of cert-manager or SPIRE (${reason})`,
      );
    }
  }

  /** SPIFFE ID of the own certificate. */
  get identity(): string {
    return this.#files.value.identity;
  }

  /** When the own certificate ends, in milliseconds since the epoch. */
  get expiresAtMs(): number {
    return new X509Certificate(this.#files.value.contents.cert).validToDate.getTime();
  }

  /** For `tls.createSecureContext` and `setSecureContext`: TLS 1.3, own chain, trust bundle. */
  secureContextOptions(): SecureContextOptions {
    return { ...this.#files.value.contents, minVersion: 'TLSv1.3' };
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
    return this.#files.onChange(listener);
  }

  /** Begins to look for changes; keeps no process alive. */
  watch(intervalMs: number = POLL_INTERVAL_MS): void {
    this.#files.watch(intervalMs);
  }

  close(): void {
    this.#files.close();
  }

  /** Reads the files now. @returns whether new ones are used. */
  reload(): boolean {
    return this.#files.reload();
  }
}

function materialOf(contents: Contents, paths: TlsPaths): Material {
  const leaf = new X509Certificate(contents.cert);
  if (!leaf.checkPrivateKey(createPrivateKey(contents.key))) {
    throw new Error(`${basename(paths.key)} is not the key of ${basename(paths.cert)}`);
  }
  // Proves that all of the bundle can be parsed, before TLS is asked to use it.
  const authorities = contents.ca.toString('latin1').match(CERTIFICATES) ?? [];
  if (authorities.length === 0) throw new Error('the bundle has no certificate');
  for (const authority of authorities) new X509Certificate(authority);
  return { contents, identity: spiffeIdOf(leaf.raw) };
}
