import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of a workload's three files. */
export interface TlsPaths {
  /** Private key, PEM. */
  readonly key: string;
  /** Certificate chain, leaf first. */
  readonly chain: string;
  /** The trust domain's authorities. */
  readonly bundle: string;
}

/** The names by which they are written, by whom. The first set that is there whole is taken. */
const NAMES: readonly TlsPaths[] = [
  { key: 'key.pem', chain: 'chain.pem', bundle: 'bundle.pem' },
  // cert-manager, and the secrets of Kubernetes.
  { key: 'tls.key', chain: 'tls.crt', bundle: 'ca.crt' },
  // SPIRE, by spiffe-helper.
  { key: 'svid_key.pem', chain: 'svid.pem', bundle: 'svid_bundle.pem' },
];

/**
 * Finds the files of a folder by the names of whoever writes them: `key.pem`, `chain.pem`,
 * `bundle.pem`; `tls.key`, `tls.crt`, `ca.crt`; `svid_key.pem`, `svid.pem`, `svid_bundle.pem`.
 *
 * @returns those of the first kind where none is whole, so that what is missing can be named.
 */
export function tlsPathsIn(folder: string): TlsPaths {
  const all = NAMES.map(({ key, chain, bundle }) => ({
    key: join(folder, key),
    chain: join(folder, chain),
    bundle: join(folder, bundle),
  }));
  const whole = all.find((paths) => Object.values(paths).every((path) => existsSync(path)));
  return whole ?? (all[0] as TlsPaths);
}
