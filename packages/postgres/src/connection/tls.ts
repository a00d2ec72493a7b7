/**
 * TLS to Postgres, as the URL asks for it, in the words of libpq: `sslmode`, `sslrootcert`, `sslcert`,
 * `sslkey`. Files are looked at for each new connection, so that renewed ones are used.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type ConnectionOptions, checkServerIdentity, getCACertificates } from 'node:tls';
import { FollowedFiles, UnreadableFile } from '@gatehouse/runtime';

/** A URL whose TLS parameters are invalid. Names the parameter, never a value of it. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
  /** `sslrootcert` */
  readonly parameter: string;

  constructor(parameter: string, mustBe: string) {
    super(`${parameter} ${mustBe}`);
    this.parameter = parameter;
  }
}

/** How to connect: the URL without what is said here, and how a connection is secured. */
export interface Target {
  readonly url: string;
  /** Undefined: plain. Else the options of the next connection. */
  readonly tls: (() => ConnectionOptions) | undefined;
}

const PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;
type Parameter = (typeof PARAMETERS)[number];

/**
 * Reads what a URL says of TLS.
 *
 * - no `sslmode`, or `disable`: plain.
 * - `require`: TLS, whoever the server is; with `sslrootcert` as `verify-ca`, as libpq has it.
 * - `verify-ca`: the server's certificate is of an authority of `sslrootcert`; by whatever name.
 * - `verify-full`: and it is for the host of the URL.
 *
 * `sslrootcert` is a PEM file, or `system` (the default): the authorities that Node trusts. A server
 * without TLS is refused where TLS is asked for. `allow` and `prefer` are refused, since whoever sits
 * in between chooses then.
 *
 * A file that is missing or half written later is passed over: the last good ones serve.
 *
 * @throws DatabaseUrlError when a parameter makes no sense, or a file is invalid now.
 */
export function targetOfUrl(text: string): Target {
  const url = new URL(text);
  const of = (name: Parameter) => url.searchParams.get(name) ?? undefined;
  const mode = of('sslmode');
  const files = { root: of('sslrootcert'), cert: of('sslcert'), key: of('sslkey') };
  for (const name of PARAMETERS) url.searchParams.delete(name);
  const unknown = [...url.searchParams.keys()].find((name) => name.startsWith('ssl'));
  if (unknown !== undefined) {
    throw new DatabaseUrlError(unknown, 'is not known here: write sslmode=verify-full');
  }
  if (mode === undefined || mode === 'disable') {
    if (Object.values(files).some((file) => file !== undefined)) {
      throw new DatabaseUrlError(
        'sslmode',
        'must be require, verify-ca or verify-full beside files',
      );
    }
    return { url: url.href, tls: undefined };
  }
  const check = checkOf(mode, files.root);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const followed = follow(pathsOf(check, files), (contents) => ({
    minVersion: 'TLSv1.2',
    ...authorities(check, host, contents.sslrootcert),
    ...own(contents),
  }));
  const tls = (): ConnectionOptions => {
    followed.look();
    return followed.value;
  };
  return { url: url.href, tls };
}

type FileParameter = Exclude<Parameter, 'sslmode'>;
type Paths = Readonly<Record<FileParameter, string | undefined>>;
type Contents = Readonly<Record<FileParameter, Buffer | undefined>>;

/** What is wrong is told at the start. */
function follow(
  paths: Paths,
  parse: (contents: Contents) => ConnectionOptions,
): FollowedFiles<Paths, ConnectionOptions> {
  try {
    return new FollowedFiles({ paths, parse });
  } catch (thrown) {
    if (!(thrown instanceof UnreadableFile)) throw thrown;
    const mustBe = 'must be the path of a file that this process can read';
    throw new DatabaseUrlError(thrown.file, mustBe);
  }
}

type Check = 'none' | 'chain' | 'full';

function checkOf(mode: string, root: string | undefined): Check {
  switch (mode) {
    case 'require':
      return root === undefined ? 'none' : 'chain';
    case 'verify-ca':
      return 'chain';
    case 'verify-full':
      return 'full';
    case 'allow':
    case 'prefer':
      throw new DatabaseUrlError(
        'sslmode',
        'must not leave TLS to chance: write require, verify-ca or verify-full, or disable',
      );
    default:
      throw new DatabaseUrlError('sslmode', 'must be disable, require, verify-ca or verify-full');
  }
}

interface Files {
  readonly root: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

function pathsOf(check: Check, { root, cert: sslcert, key: sslkey }: Files): Paths {
  if (sslcert !== undefined && sslkey === undefined) {
    throw new DatabaseUrlError('sslkey', 'must be given with sslcert');
  }
  if (sslcert === undefined && sslkey !== undefined) {
    throw new DatabaseUrlError('sslcert', 'must be given with sslkey');
  }
  const isFile = check !== 'none' && root !== 'system';
  return { sslrootcert: isFile ? root : undefined, sslcert, sslkey };
}

function authorities(check: Check, host: string, root: Buffer | undefined): ConnectionOptions {
  if (check === 'none') return { rejectUnauthorized: false };
  return {
    ca: root === undefined ? getCACertificates() : certificatesIn(root),
    rejectUnauthorized: true,
    // By the host of the URL, which the driver does not hand on when it is an address.
    checkServerIdentity: (_name, certificate) =>
      check === 'full' ? checkServerIdentity(host, certificate) : undefined,
  };
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function certificatesIn(pem: Buffer): string[] {
  const found = pem.toString('utf8').match(CERTIFICATES) ?? [];
  try {
    if (found.length === 0) throw new Error('none');
    for (const each of found) new X509Certificate(each);
  } catch {
    throw new DatabaseUrlError('sslrootcert', 'must be a PEM file of certificates of authorities');
  }
  return [...found];
}

function own({ sslcert: cert, sslkey: key }: Contents): ConnectionOptions {
  if (cert === undefined || key === undefined) return {};
  let fits: boolean;
  try {
    fits = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new DatabaseUrlError(
      'sslcert',
      'and sslkey must be PEM files of a certificate and its key',
    );
  }
  if (!fits) throw new DatabaseUrlError('sslkey', 'must be the key of sslcert');
  return { cert, key };
}
