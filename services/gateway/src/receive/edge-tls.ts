/** The certificate that the edge shows to clients: PEM files, read again when they change. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';

const POLL_INTERVAL_MS = 5000;

/** Where key and certificate are. */
export interface EdgeTlsFiles {
  /** The chain, leaf first. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate that can be renewed beneath a running listener. */
export interface EdgeTls {
  secureContextOptions(): SecureContextOptions;
  onChange(listener: () => void): void;
  /** Looks at the files now. @returns whether new ones were taken up. */
  reload(): boolean;
  close(): void;
}

/**
 * Reads both files and looks at them every five seconds. TLS 1.2 and later; the order of ciphers is
 * the server's. What cannot be read, or does not fit together (half of it was written), is passed
 * over until it does; connections that stand are not touched.
 *
 * @param onFailed - told once for each state that could not be taken up.
 * @throws Error when the files are not as they must be to begin with.
 */
export function createEdgeTls(
  files: EdgeTlsFiles,
  onFailed: (cause: unknown) => void = () => undefined,
): EdgeTls {
  let material = read(files);
  let failed = '';
  const listeners: (() => void)[] = [];
  const reload = (): boolean => {
    let next: Material;
    try {
      next = read(files);
      failed = '';
    } catch (cause) {
      const reason = String(cause);
      if (reason !== failed) onFailed(cause);
      failed = reason;
      return false;
    }
    if (next.cert.equals(material.cert) && next.key.equals(material.key)) return false;
    material = next;
    for (const listener of listeners) listener();
    return true;
  };
  const timer = setInterval(reload, POLL_INTERVAL_MS).unref();
  return {
    secureContextOptions: () => ({
      ...material,
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
    }),
    onChange: (listener) => void listeners.push(listener),
    reload,
    close: () => clearInterval(timer),
  };
}

interface Material {
  readonly cert: Buffer;
  readonly key: Buffer;
}

function read({ certFile, keyFile }: EdgeTlsFiles): Material {
  const material = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  if (!new X509Certificate(material.cert).checkPrivateKey(createPrivateKey(material.key))) {
    throw new Error('the key does not belong to the certificate');
  }
  return material;
}
