/** How each part is run: command, environment, and readiness check. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlatformConfig } from '../config.ts';
import { DEMO_ADMIN_EMAIL } from '../demo/users.ts';
import type { Wiring } from '../discovery/env.ts';
import type { Layout } from '../layout.ts';
import { POSTGRES } from '../parts.ts';
import type { Cluster } from '../postgres/cluster.ts';
import { prepareLog } from './log-files.ts';
import { isReadyAt } from './readiness.ts';
import { envOf, type OwnSettings, type Replica, upstreamsOf, urlsOf } from './replicas.ts';
import type { ProcessPlan } from './runner.ts';

/** What every plan needs. */
export interface Setting {
  readonly config: PlatformConfig;
  readonly layout: Layout;
  readonly replicas: readonly Replica[];
  /** Base of the collector of traces; undefined when none runs. */
  readonly traceView?: string;
  /** Added to the environment of every service. */
  readonly env: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export async function postgresPlan(cluster: Cluster, setting: Setting): Promise<ProcessPlan> {
  const { config, layout } = setting;
  return {
    ...cluster.command,
    name: POSTGRES.name,
    env: config.inherited,
    cwd: layout.dataDir,
    logFile: await prepareLog(layout.logs, POSTGRES.name),
    stopSignal: 'SIGINT',
    ipc: false,
    ready: (pid) => cluster.ready(pid),
    prepare: () => cluster.endLeftovers(),
  };
}

/** @param own - its database and its client, where it has them. */
export async function servicePlan(
  replica: Replica,
  setting: Setting,
  own: Omit<OwnSettings, 'tlsFolder'>,
): Promise<ProcessPlan> {
  const { config, layout } = setting;
  const { name, part, ports } = replica;
  const { admin } = ports;
  if (part.main === undefined || admin === undefined) throw new Error(`${name} is not a service`);
  return {
    name,
    command: process.execPath,
    args: [join(ROOT, part.main)],
    env: {
      ...config.inherited,
      ...envOf(replica, wiringOf(setting), { ...own, tlsFolder: layout.tls(name) }),
      NODE_COMPILE_CACHE: layout.compileCache,
      ...setting.env,
    },
    cwd: ROOT,
    logFile: await prepareLog(layout.logs, name),
    stopSignal: 'SIGTERM',
    ipc: true,
    ready: () => isReadyAt(admin),
  };
}

function wiringOf({ config, layout, replicas, traceView }: Setting): Wiring {
  return {
    trustDomain: config.trustDomain,
    upstreams: upstreamsOf(replicas),
    kekFile: layout.kekFile,
    ...(traceView === undefined ? {} : { traceView }),
    urls: (part, listener) => urlsOf(replicas, part, listener),
    port: (part, listener) => replicas.find(({ name }) => name === part)?.ports[listener] ?? 0,
    // With DATABASE_URL there are no demo users, so nobody becomes admin by an e-mail address.
    ...(config.databaseUrl === undefined ? { bootstrapAdminEmail: DEMO_ADMIN_EMAIL } : {}),
  };
}
