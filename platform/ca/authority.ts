/**
 * The certificate authority of the embedded default: a root per clone, and certificates of one day
 * that say which workload a process is (SPIFFE X.509-SVID, with `localhost` beside it).
 *
 * Elsewhere SPIRE or cert-manager write the same three files.
 */
import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { readIfThere, writePrivate } from '../files.ts';

/** How long a workload's certificate is good. Renewed at half of it. */
export const LEAF_TTL_MS = 24 * 3600_000;

const ROOT_TTL_MS = 10 * 365 * 24 * 3600_000;
/** A root with less than this left is replaced at start. */
const ROOT_MARGIN_MS = 30 * 24 * 3600_000;
/** Certificates begin a little in the past, for clocks that are set back. */
const BACKDATE_MS = 5 * 60_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface IssuedCertificate {
  /** PKCS #8, PEM. */
  readonly keyPem: string;
  /** The leaf first. The root signs directly, so nothing follows. */
  readonly chainPem: string;
  /** The roots that the trust domain accepts. */
  readonly bundlePem: string;
  readonly notAfterMs: number;
}

export interface Authority {
  readonly trustDomain: string;
  readonly bundlePem: string;
  /** Issues `spiffe://<trust domain>/<workload>`, good for {@link LEAF_TTL_MS} from now. */
  issue(workload: string): Promise<IssuedCertificate>;
}

/**
 * Opens the root in `folder` (`root-key.pem`, `root.pem`, both 0600), or makes one when there is
 * none, when it is for another trust domain, or when it ends within thirty days.
 */
export async function openAuthority(options: {
  readonly folder: string;
  readonly trustDomain: string;
  readonly clock: { nowMs(): number };
}): Promise<Authority> {
  const root = (await loadRoot(options)) ?? (await makeRoot(options));
  const bundlePem = `${root.certificate.toString('pem')}\n`;
  return {
    trustDomain: options.trustDomain,
    bundlePem,
    issue: (workload) => issueLeaf({ ...options, root, bundlePem, workload }),
  };
}

interface Root {
  readonly certificate: x509.X509Certificate;
  readonly privateKey: CryptoKey;
}
type CryptoKey = webcrypto.CryptoKey;
type RootOptions = Parameters<typeof openAuthority>[0];

async function loadRoot({ folder, trustDomain, clock }: RootOptions): Promise<Root | undefined> {
  const certificatePem = await readIfThere(join(folder, 'root.pem'));
  const keyPem = await readIfThere(join(folder, 'root-key.pem'));
  if (certificatePem === undefined || keyPem === undefined) return undefined;
  const certificate = new x509.X509Certificate(certificatePem);
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const ours = names.some(({ type, value }) => type === 'url' && value === rootId(trustDomain));
  if (!ours || certificate.notAfter.getTime() < clock.nowMs() + ROOT_MARGIN_MS) return undefined;
  const [der] = x509.PemConverter.decode(keyPem);
  if (der === undefined) return undefined;
  return {
    certificate,
    privateKey: await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']),
  };
}

async function makeRoot({ folder, trustDomain, clock }: RootOptions): Promise<Root> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=Gatehouse embedded CA ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(clock.nowMs() - BACKDATE_MS),
    notAfter: new Date(clock.nowMs() + ROOT_TTL_MS),
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
  await writePrivate(join(folder, 'root-key.pem'), privateKeyPem(keys.privateKey));
  await writePrivate(join(folder, 'root.pem'), `${certificate.toString('pem')}\n`);
  return { certificate, privateKey: keys.privateKey };
}

async function issueLeaf(options: {
  readonly root: Root;
  readonly bundlePem: string;
  readonly workload: string;
  readonly trustDomain: string;
  readonly clock: { nowMs(): number };
}): Promise<IssuedCertificate> {
  const { root, workload, trustDomain, clock } = options;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notAfterMs = clock.nowMs() + LEAF_TTL_MS;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${workload}`,
    issuer: root.certificate.subject,
    notBefore: new Date(clock.nowMs() - BACKDATE_MS),
    notAfter: new Date(notAfterMs),
    publicKey: keys.publicKey,
    signingKey: root.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: `${rootId(trustDomain)}/${workload}` },
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(root.certificate),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    keyPem: privateKeyPem(keys.privateKey),
    chainPem: `${certificate.toString('pem')}\n`,
    bundlePem: options.bundlePem,
    notAfterMs,
  };
}

function rootId(trustDomain: string): string {
  return `spiffe://${trustDomain}`;
}

function privateKeyPem(key: CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

// RFC 5280, 4.1.2.2: positive, at most 20 octets; the first bit is cleared to keep it positive.
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
