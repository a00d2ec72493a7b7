/** TLS for a throwaway Postgres. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a throwaway Postgres is told beside the usual. */
export interface TestPostgresOptions {
  /** Connections at most. Default 100. */
  readonly maxConnections?: number;
  /** Takes TLS too. */
  readonly tls?: {
    readonly keyPem: string;
    readonly chainPem: string;
    /** Takes TLS only, with a client certificate of this authority. */
    readonly clientCaPem?: string;
  };
}

/** Writes the files into the cluster's folder. @returns the settings that name them. */
export async function layTls(
  folder: string,
  { keyPem, chainPem, clientCaPem }: NonNullable<TestPostgresOptions['tls']>,
): Promise<readonly string[]> {
  const at = (name: string) => join(folder, name);
  await writeFile(at('server.key'), keyPem, { mode: 0o600 });
  await writeFile(at('server.crt'), chainPem);
  const settings = [
    'ssl=on',
    `ssl_key_file=${at('server.key')}`,
    `ssl_cert_file=${at('server.crt')}`,
  ];
  if (clientCaPem === undefined) return settings;
  await writeFile(at('client-ca.crt'), clientCaPem);
  const rule = 'hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n';
  await writeFile(join(folder, 'data', 'pg_hba.conf'), rule);
  return [...settings, `ssl_ca_file=${at('client-ca.crt')}`];
}
