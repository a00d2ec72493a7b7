/** How each part is run: its command, what it is told, and how one sees that it is ready. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlatformConfig } from '../config.ts';
import { DEMO_ADMIN_EMAIL } from '../demo/users.ts';
import type { Wiring } from '../discovery/env.ts';
import type { Layout } from '../layout.ts';
import { POSTGRES } from '../parts.ts';
import type { Cluster } from '../postgres/cluster.ts';
import { envOf, type Instance, type OwnSettings, upstreamsOf, urlsOf } from './instances.ts';
import { prepareLog } from './log-files.ts';
import { answersReady } from './readiness.ts';
import type { ProcessPlan } from './runner.ts';

/** What every plan draws from. */
export interface Setting {
  readonly config: PlatformConfig;
  readonly layout: Layout;
  readonly instances: readonly Instance[];
  /** Base of the collector of traces; absent: none runs. */
  readonly traceView?: string;
  /** On top of what a service is told. */
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
  instance: Instance,
  setting: Setting,
  own: Omit<OwnSettings, 'tlsFolder'>,
): Promise<ProcessPlan> {
  const { config, layout } = setting;
  const { name, part, ports } = instance;
  const { admin } = ports;
  if (part.main === undefined || admin === undefined) throw new Error(`${name} is no service`);
  return {
    name,
    command: process.execPath,
    args: [join(ROOT, part.main)],
    env: {
      ...config.inherited,
      ...envOf(instance, wiringOf(setting), { ...own, tlsFolder: layout.tls(name) }),
      NODE_COMPILE_CACHE: layout.compileCache,
      ...setting.env,
    },
    cwd: ROOT,
    logFile: await prepareLog(layout.logs, name),
    stopSignal: 'SIGTERM',
    ipc: true,
    ready: () => answersReady(admin),
  };
}

function wiringOf({ config, layout, instances, traceView }: Setting): Wiring {
  return {
    trustDomain: config.trustDomain,
    upstreams: upstreamsOf(instances),
    kekFile: layout.kekFile,
    ...(traceView === undefined ? {} : { traceView }),
    urls: (part, listener) => urlsOf(instances, part, listener),
    port: (part, listener) => instances.find(({ name }) => name === part)?.ports[listener] ?? 0,
    // With a database of one's own there are no demo users, and so nobody becomes admin by a name.
    ...(config.databaseUrl === undefined ? { bootstrapAdminEmail: DEMO_ADMIN_EMAIL } : {}),
  };
}
