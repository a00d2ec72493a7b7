/**
 * Java has certificate roots of its own. Where a network ends TLS by itself, the one setting that
 * npm and Node need there, NODE_EXTRA_CA_CERTS, does for Maven too.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
// What Java calls the default. The store holds nothing secret, and needs a password all the same.
const PASSWORD = 'changeit';

/**
 * Writes a trust store with every root that Node trusts.
 *
 * @param path - of the store.
 * @returns what to put into MAVEN_OPTS; empty where no roots were added to those of the system.
 */
export async function mavenTrustOptions(path: string): Promise<string> {
  if (getCACertificates('extra').length === 0) return '';
  await writeFile(path, trustStore(getCACertificates('default')));
  const options = { trustStore: path, trustStoreType: 'JKS', trustStorePassword: PASSWORD };
  return Object.entries(options)
    .map(([name, value]) => `-Djavax.net.ssl.${name}=${value}`)
    .join(' ');
}

/**
 * A Java key store of trusted certificates: the JKS format, which every Java since 1.2 reads.
 *
 * @param certificates - PEM, one each.
 */
export function trustStore(certificates: readonly string[]): Buffer {
  const entries = certificates.map((pem, index) => {
    const der = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    const alias = utf(`root${index}`);
    return Buffer.concat([
      int(TRUSTED_CERTIFICATE),
      alias,
      Buffer.alloc(8),
      utf('X.509'),
      int(der.length),
      der,
    ]);
  });
  const content = Buffer.concat([int(MAGIC), int(VERSION), int(entries.length), ...entries]);
  // The format's own integrity check (sun.security.provider.JavaKeyStore).
  const digest = createHash('sha1')
    .update(Buffer.from(PASSWORD, 'utf16le').swap16())
    .update('Mighty Aphrodite')
    .update(content)
    .digest();
  return Buffer.concat([content, digest]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function utf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
