/** Where each file is in the data folder. */
import { join } from 'node:path';

export interface Layout {
  readonly dataDir: string;
  readonly ca: string;
  /** Secrets of this clone: the key-encryption key and the passwords of the database roles. */
  readonly keys: string;
  /** 32 bytes, base64. */
  readonly kekFile: string;
  readonly postgres: string;
  readonly postgresPassword: string;
  readonly logs: string;
  readonly compileCache: string;
  readonly demoFile: string;
  /** The stored client of a part. */
  client(name: string): ClientFiles;
  /** The certificate files of one process. */
  tls(replica: string): string;
  /** The same for a workload that the platform does not run. */
  identity(workload: string): string;
}

/** The files of one client. */
export interface ClientFiles {
  /** Its id and that of its secret, JSON. */
  readonly record: string;
  /** The secret and nothing else. */
  readonly secret: string;
}

export function layoutOf(dataDir: string): Layout {
  const at = (...names: string[]) => join(dataDir, ...names);
  return {
    dataDir,
    ca: at('ca'),
    keys: at('keys'),
    kekFile: at('keys', 'kek'),
    postgres: at('postgres'),
    postgresPassword: at('keys', 'postgres'),
    logs: at('logs'),
    compileCache: at('cache'),
    demoFile: at('demo.json'),
    client: (name) => ({
      record: at('clients', `${name}.json`),
      secret: at('clients', `${name}.secret`),
    }),
    tls: (replica) => at('run', replica, 'tls'),
    identity: (workload) => at('run', 'identities', workload),
  };
}
