/** The processes of the measurement: the service behind, and each gateway before it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CORES, type PinnedProcess, startPinned } from '../harness/processes.ts';
import { type IssuerFiles, makeIssuer } from './issuer.ts';
import { nginxHead, PEERS } from './peers.ts';

/** What all gateways share. */
export interface World {
  readonly folder: string;
  readonly issuer: IssuerFiles;
  /** A file with the access tokens, one a line. */
  readonly tokensFile: string;
  readonly upstreamPort: number;
  close(): Promise<void>;
}

/** A gateway that is up. */
export interface Running {
  readonly process: PinnedProcess;
  readonly port: number;
  readonly adminPort: number;
}

/** Starts the service, which shares its core with the load. */
export async function startWorld(options: {
  readonly tokens: number;
  readonly alg: 'RS256' | 'ES256';
}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-gateway-'));
  const issuer = makeIssuer(folder, options);
  const tokensFile = join(folder, 'tokens');
  const tokens = Array.from({ length: options.tokens }, () => issuer.token());
  writeFileSync(tokensFile, `${tokens.join('\n')}\n`, { mode: 0o600 });
  const upstreamPort = await freePort();
  const upstream = startPinned(CORES.others, ['nginx', '-c', writeUpstream(folder, upstreamPort)]);
  await listens(upstreamPort, 'nginx');
  return {
    folder,
    issuer,
    tokensFile,
    upstreamPort,
    close: async () => {
      await upstream.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Starts one of the gateways on a core of its own. */
export async function startPeer(world: World, name: string, core: number): Promise<Running> {
  const { folder, issuer, upstreamPort } = world;
  const [port, adminPort] = [await freePort(), await freePort()];
  const { jwksFile, pemFile } = issuer;
  const peer = PEERS[name];
  if (peer === undefined) throw new Error(`there is no ${name}`);
  const { command, env } = peer({ folder, port, adminPort, upstreamPort, jwksFile, pemFile });
  const started = startPinned(core, command, { env: { ...process.env, ...env } });
  started.child.stdout?.resume();
  await listens(port, name);
  return { process: started, port, adminPort };
}

/** Bytes of 1 kB and 100 kB from memory; a body that is posted is read and thrown away. */
function writeUpstream(folder: string, port: number): string {
  for (const [name, size] of [
    ['1k', 1024],
    ['100k', 102_400],
  ] as const) {
    writeFileSync(join(folder, name), 'x'.repeat(size));
  }
  const path = join(folder, 'upstream.conf');
  writeFileSync(
    path,
    `${nginxHead(folder, 'upstream')}
  open_file_cache max=10;
  client_body_buffer_size 64k;
  server {
    listen 127.0.0.1:${port};
    root ${folder};
    location = /posted { return 200 "ok"; }
  }
}
`,
  );
  return path;
}

/** @throws Error when nobody listens there in twenty seconds. */
async function listens(port: number, name: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await delay(100);
  }
  throw new Error(`${name} does not listen. On Debian: apt-get install nginx haproxy wrk`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
