/**
 * The certificate authority of the embedded default: a root per clone, and certificates of one day
 * that identify the workload of a process (SPIFFE X.509-SVID, with `localhost` beside it).
 *
 * Elsewhere SPIRE or cert-manager write the same three files.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { writePrivate } from '../files.ts';
import {
  ALGORITHM,
  BACKDATE_MS,
  createRoot,
  loadRoot,
  privateKeyPem,
  type Root,
  rootId,
  serialNumber,
} from './roots.ts';

/** How long a workload's certificate is valid. Renewed at half of it. */
export const LEAF_TTL_MS = 24 * 3600_000;

/** A root with less than this left is replaced. */
export const ROOT_MARGIN_MS = 30 * 24 * 3600_000;

export interface IssuedCertificate {
  /** PKCS #8, PEM. */
  readonly keyPem: string;
  /** The leaf first. The root signs directly, so nothing follows. */
  readonly chainPem: string;
  /** The roots that the trust domain accepts. */
  readonly bundlePem: string;
  readonly notAfterMs: number;
}

/** Issues certificates, and changes its root in three steps; between them every process has to follow. */
export interface Authority {
  readonly trustDomain: string;
  /** Every accepted root: two during a change. */
  readonly bundlePem: string;
  /** When the issuing root expires. */
  readonly expiresAtMs: number;
  /** Issues `spiffe://<trust domain>/<workload>`, valid for {@link LEAF_TTL_MS} from now. */
  issue(workload: string): Promise<IssuedCertificate>;
  /** First: creates the next root, which is accepted from now on and issues nothing yet. */
  announceNext(): Promise<void>;
  /** Second: the next root issues; the previous one is still accepted, and can no longer issue. */
  adoptNext(): Promise<void>;
  /** Third: the previous root is no longer accepted. */
  dropPrevious(): Promise<void>;
}

/**
 * Opens the root in `folder` (`root-key.pem`, `root.pem`, both 0600), or creates one when there
 * is none, when it is for another trust domain, or when it expires within thirty days. A change that was
 * interrupted is finished: call it while nothing runs that was issued by this root.
 */
export async function openAuthority(options: {
  readonly folder: string;
  readonly trustDomain: string;
  readonly clock: { nowMs(): number };
}): Promise<Authority> {
  const { folder, trustDomain, clock } = options;
  const at = filesIn(folder);
  await finishChange(options);
  const making = () => ({ trustDomain, nowMs: clock.nowMs() });
  let root = (await validRoot(options)) ?? (await createRoot(at.root, making()));
  let next: Root | undefined;
  let previous: Root | undefined;
  const bundlePem = () => [root, next, previous].map((each) => each?.pem ?? '').join('');
  return {
    trustDomain,
    get bundlePem() {
      return bundlePem();
    },
    get expiresAtMs() {
      return root.certificate.notAfter.getTime();
    },
    issue: (workload) => issueLeaf({ ...options, root, bundlePem: bundlePem(), workload }),
    announceNext: async () => {
      next ??= await createRoot(at.next, making());
    },
    adoptNext: async () => {
      if (next === undefined) throw new Error('announceNext was not called');
      await writePrivate(at.old, root.pem);
      await promote(at);
      [root, previous, next] = [next, root, undefined];
    },
    dropPrevious: async () => {
      previous = undefined;
      await rm(at.old, { force: true });
    },
  };
}

type Options = Parameters<typeof openAuthority>[0];

function filesIn(folder: string) {
  const files = (name: string) => ({
    certificate: join(folder, `${name}.pem`),
    key: join(folder, `${name}-key.pem`),
  });
  return { root: files('root'), next: files('next-root'), old: join(folder, 'old-root.pem') };
}

type Files = ReturnType<typeof filesIn>;

/** The key first. Killed in between, the key of `root` is that of `next-root.pem`. */
async function promote({ root, next }: Files): Promise<void> {
  await rename(next.key, root.key);
  await rename(next.certificate, root.certificate);
}

async function finishChange({ folder, trustDomain }: Options): Promise<void> {
  const at = filesIn(folder);
  const half = { certificate: at.next.certificate, key: at.root.key };
  if ((await loadRoot(at.next, trustDomain)) !== undefined) await promote(at);
  else if ((await loadRoot(half, trustDomain)) !== undefined) {
    await rename(at.next.certificate, at.root.certificate);
  }
  await rm(at.next.key, { force: true });
  await rm(at.next.certificate, { force: true });
  await rm(at.old, { force: true });
}

async function validRoot({ folder, trustDomain, clock }: Options): Promise<Root | undefined> {
  const root = await loadRoot(filesIn(folder).root, trustDomain);
  if (root === undefined) return undefined;
  const expiresSoon = root.certificate.notAfter.getTime() < clock.nowMs() + ROOT_MARGIN_MS;
  return expiresSoon ? undefined : root;
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
