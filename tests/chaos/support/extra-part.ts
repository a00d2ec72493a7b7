/** One more process of a part of the platform under test, with settings of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EDGE_AUDIENCE } from '@gatehouse/platform';
import { target } from '../../e2e/support/config.ts';
import { until } from '../../e2e/support/until.ts';

export interface ExtraPart {
  /** Of its gRPC listener, or of its edge. */
  readonly port: number;
  stop(): Promise<void>;
}

interface Said {
  readonly msg?: string;
  readonly port?: number;
  readonly listener?: string;
}

/** Starts a gateway, which is up once it can serve. */
export function startGateway(settings: Readonly<Record<string, string>>): Promise<ExtraPart> {
  const port = ({ msg, port: edge }: Said) => (msg === 'edge listening' ? edge : undefined);
  const more = { GATEHOUSE_HTTP_PORT: '0', ...settings };
  return start('gateway', more, port);
}

/** Starts a board on the same database. */
export function startBoard(settings: Readonly<Record<string, string>>): Promise<ExtraPart> {
  const own = { GATEHOUSE_GRPC_PORT: '0', DATABASE_URL: target().databaseUrls.board ?? '' };
  return start('board', { ...own, ...settings }, ({ msg, listener, port }) => {
    return msg === 'listening' && listener === 'grpc' ? port : undefined;
  });
}

async function start(
  name: string,
  settings: Readonly<Record<string, string>>,
  portIn: (said: Said) => number | undefined,
): Promise<ExtraPart> {
  const main = fileURLToPath(new URL(`../../../services/${name}/src/app.ts`, import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { ...common(name), ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let port: number | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    port ??= portIn(JSON.parse(line) as Said);
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  try {
    return { port: await until(`${name} listens`, () => port, { timeoutMs: 60_000 }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `auth=localhost:7410,…`: what the platform's parts are told of each other. */
export function upstreams(): string {
  return Object.entries(target().ports)
    .flatMap(([part, { grpc }]) =>
      grpc === undefined ? [] : [`${part.replace(/-\d+$/, '')}=localhost:${grpc}`],
    )
    .join(',');
}

function common(name: string): Readonly<Record<string, string>> {
  const { ports, identities } = target();
  return {
    GATEHOUSE_TRUST_DOMAIN: 'gatehouse.local',
    GATEHOUSE_TLS_DIR: identities[name] ?? '',
    GATEHOUSE_ADMIN_PORT: '0',
    GATEHOUSE_ISSUER: `http://127.0.0.1:${ports.auth?.http}`,
    GATEHOUSE_EDGE_AUDIENCE: EDGE_AUDIENCE,
    GATEHOUSE_KEYS_URL: `https://localhost:${ports.auth?.keys}`,
    GATEHOUSE_UPSTREAMS: upstreams(),
    GATEHOUSE_RATE_PER_SECOND: '10000',
    GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '10000',
  };
}
