/** The certificate that the edge shows to clients: PEM files, read again when they change. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { FollowedFiles } from '@gatehouse/runtime';

const LOOK_EVERY_MS = 5000;

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
  /** Reads the files now. @returns whether new ones are used. */
  reload(): boolean;
  close(): void;
}

/**
 * Reads both files and looks at them every five seconds. TLS 1.2 and later; the order of ciphers is
 * the server's. What cannot be read, or does not fit together (half of it was written), is passed
 * over until it does; connections that stand are not touched.
 *
 * @param onFailed - told once for each reason why new files are not used.
 * @throws Error when the files cannot be used to begin with.
 */
export function createEdgeTls(
  { certFile, keyFile }: EdgeTlsFiles,
  onFailed: (cause: unknown) => void = () => undefined,
): EdgeTls {
  const files = new FollowedFiles({
    paths: { cert: certFile, key: keyFile },
    parse: (material) => {
      if (!new X509Certificate(material.cert).checkPrivateKey(createPrivateKey(material.key))) {
        throw new Error('the key does not belong to the certificate');
      }
      return material;
    },
    onFailed,
  });
  files.watch(LOOK_EVERY_MS);
  return {
    secureContextOptions: () => ({
      ...files.value,
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
    }),
    onChange: (listener) => void files.onChange(listener),
    reload: () => files.reload(),
    close: () => files.close(),
  };
}
