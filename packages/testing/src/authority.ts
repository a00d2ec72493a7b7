/** A certificate authority for tests, which also issues what a real one would not. */
import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;

/** A subject alternative name: `{ type: 'url', value: 'spiffe://…' }`, `{ type: 'dns', … }`. */
export type TestName = x509.JsonGeneralName;

/** What a certificate says; by default what a workload's says. */
export interface TestCertificateOptions {
  readonly names: readonly TestName[];
  /** Makes it the certificate of an authority. */
  readonly isAuthority?: boolean;
  /** When it ends, from now. Default one hour; negative: it has ended. */
  readonly endsInMs?: number;
}

/** A key and its certificate. */
export interface TestCertificate {
  readonly keyPem: string;
  readonly chainPem: string;
  readonly der: Buffer;
}

export interface TestAuthority {
  readonly trustDomain: string;
  readonly bundlePem: string;
  issue(options: TestCertificateOptions): Promise<TestCertificate>;
  /** A folder with key.pem, chain.pem and bundle.pem of `spiffe://<trust domain>/<workload>`. */
  folderFor(workload: string): Promise<string>;
  /** A folder with an odd certificate; `bundlePem` is whom its owner trusts. */
  folderWith(certificate: TestCertificate, bundlePem?: string): Promise<string>;
  /** Replaces the files of a folder, each by rename, with a new certificate of the workload. */
  renew(folder: string, workload: string): Promise<void>;
  /** Removes the folders. */
  close(): Promise<void>;
}

/** @param options.trustDomain - Default `gatehouse.local`. */
export async function createTestAuthority(
  options: { readonly trustDomain?: string } = {},
): Promise<TestAuthority> {
  const { trustDomain = 'gatehouse.local' } = options;
  const root = await makeRoot();
  const bundlePem = root.certificate.toString('pem');
  const base = await mkdtemp(join(tmpdir(), 'gatehouse-test-ca-'));
  const issue = (wanted: TestCertificateOptions) => issueFrom(root, wanted);
  const issueFor = (workload: string) =>
    issue({
      names: [
        { type: 'url', value: `spiffe://${trustDomain}/${workload}` },
        { type: 'dns', value: 'localhost' },
      ],
    });
  const folderWith = async (certificate: TestCertificate, bundle = bundlePem) => {
    const folder = await mkdtemp(join(base, 'tls-'));
    await writeFiles(folder, { ...certificate, bundlePem: bundle });
    return folder;
  };
  return {
    trustDomain,
    bundlePem,
    issue,
    folderWith,
    folderFor: async (workload) => folderWith(await issueFor(workload)),
    renew: async (folder, workload) =>
      writeFiles(folder, { ...(await issueFor(workload)), bundlePem }),
    close: () => rm(base, { recursive: true, force: true }),
  };
}

interface Root {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

async function makeRoot(): Promise<Root> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=Test CA ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + 24 * HOUR_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { certificate, keys };
}

async function issueFrom(root: Root, options: TestCertificateOptions): Promise<TestCertificate> {
  const keys = await newKeys();
  const endsInMs = options.endsInMs ?? HOUR_MS;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=test',
    issuer: root.certificate.subject,
    notBefore: new Date(Date.now() + Math.min(endsInMs, 0) - HOUR_MS),
    notAfter: new Date(Date.now() + endsInMs),
    publicKey: keys.publicKey,
    signingKey: root.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(options.isAuthority ?? false, undefined, true),
      ...(options.names.length === 0
        ? []
        : [new x509.SubjectAlternativeNameExtension([...options.names])]),
    ],
  });
  return {
    keyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    chainPem: certificate.toString('pem'),
    der: Buffer.from(certificate.rawData),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function serialNumber(): string {
  // The first byte stays below 128, so that the number is positive.
  return `40${randomBytes(15).toString('hex')}`;
}

async function writeFiles(
  folder: string,
  files: { readonly keyPem: string; readonly chainPem: string; readonly bundlePem: string },
): Promise<void> {
  await replaceFile(join(folder, 'key.pem'), files.keyPem);
  await replaceFile(join(folder, 'chain.pem'), files.chainPem);
  await replaceFile(join(folder, 'bundle.pem'), files.bundlePem);
}

async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
