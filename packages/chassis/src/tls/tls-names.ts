import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of a workload's three files. */
export interface TlsPaths {
  /** Private key, PEM. */
  readonly key: string;
  /** Certificate chain, leaf first. */
  readonly cert: string;
  /** The trust bundle: the trust domain's authorities. */
  readonly ca: string;
}

/** The names by which they are written, by whom. The first set that is there whole is taken. */
const NAMES: readonly TlsPaths[] = [
  { key: 'key.pem', cert: 'chain.pem', ca: 'bundle.pem' },
  // cert-manager, and the secrets of Kubernetes.
  { key: 'tls.key', cert: 'tls.crt', ca: 'ca.crt' },
  // SPIRE, by spiffe-helper.
  { key: 'svid_key.pem', cert: 'svid.pem', ca: 'svid_bundle.pem' },
];

/**
 * Finds the files of a folder by the names of whoever writes them: `key.pem`, `chain.pem`,
 * `bundle.pem`; `tls.key`, `tls.crt`, `ca.crt`; `svid_key.pem`, `svid.pem`, `svid_bundle.pem`.
 *
 * @returns those of the first kind where none is whole, so that what is missing can be named.
 */
export function tlsPathsIn(folder: string): TlsPaths {
  const all = NAMES.map(({ key, cert, ca }) => ({
    key: join(folder, key),
    cert: join(folder, cert),
    ca: join(folder, ca),
  }));
  const whole = all.find((paths) => Object.values(paths).every((path) => existsSync(path)));
  return whole ?? (all[0] as TlsPaths);
}
