/** Roots of the embedded authority, and their files. */
import { createPrivateKey, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { readIfExists, writePrivate } from '../files.ts';

export type CryptoKey = webcrypto.CryptoKey;

export const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Certificates begin a little in the past, for clocks that are set back. */
export const BACKDATE_MS = 5 * 60_000;
const ROOT_TTL_MS = 10 * 365 * 24 * 3600_000;

/** A root that can issue. */
export interface Root {
  readonly certificate: x509.X509Certificate;
  readonly privateKey: CryptoKey;
  /** The certificate as a bundle has it. */
  readonly pem: string;
}

/** Where a root's certificate and key lie, both 0600. */
export interface RootFiles {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Reads a root, if there is one whose key and certificate fit together and which is for this trust
 * domain.
 */
export async function loadRoot(files: RootFiles, trustDomain: string): Promise<Root | undefined> {
  const pem = await readIfExists(files.certificate);
  const keyPem = await readIfExists(files.key);
  if (pem === undefined || keyPem === undefined) return undefined;
  if (!new X509Certificate(pem).checkPrivateKey(createPrivateKey(keyPem))) return undefined;
  const certificate = new x509.X509Certificate(pem);
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  if (!names.some(({ type, value }) => type === 'url' && value === rootId(trustDomain))) {
    return undefined;
  }
  const [der] = x509.PemConverter.decode(keyPem);
  if (der === undefined) return undefined;
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
  return { certificate, privateKey, pem };
}

/** Creates a root for ten years, and writes it: the key first, so that a certificate always has one. */
export async function createRoot(
  files: RootFiles,
  { trustDomain, nowMs }: { readonly trustDomain: string; readonly nowMs: number },
): Promise<Root> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=Gatehouse embedded CA ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(nowMs - BACKDATE_MS),
    notAfter: new Date(nowMs + ROOT_TTL_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: rootId(trustDomain) }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pem = `${certificate.toString('pem')}\n`;
  await writePrivate(files.key, privateKeyPem(keys.privateKey));
  await writePrivate(files.certificate, pem);
  return { certificate, privateKey: keys.privateKey, pem };
}

export function rootId(trustDomain: string): string {
  return `spiffe://${trustDomain}`;
}

export function privateKeyPem(key: CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** RFC 5280, 4.1.2.2: positive, at most 20 octets; the first bit is cleared to keep it positive. */
export function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
