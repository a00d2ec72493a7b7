/** The processes of the measurement: an auth that is only there, an upstream, and the gateway. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestAuthority, createTestIssuer, startTestService } from '@gatehouse/testing';
import {
  AUDIENCE,
  createFakeAuth,
  ISSUER,
} from '../../services/gateway/src/test-support/fake-auth.ts';
import { freePort, isReady } from '../harness/ports.ts';
import { CORES, firstLine, type PinnedProcess, startPinned } from '../harness/processes.ts';
import type { Target } from './target.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NO_LIMIT = '1000000';

export interface World {
  readonly gateway: PinnedProcess;
  readonly gatewayUrl: string;
  /** A file with the access tokens, one a line. */
  readonly tokensFile: string;
  readonly target: Target;
  close(): Promise<void>;
}

/** @param core - the gateway's own; everything else shares the other cores. */
export async function startWorld(core: number, tokenCount: number): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const authority = await createTestAuthority();
  const fake = createFakeAuth(() => undefined);
  const auth = await startTestService({ name: 'auth', authority, build: fake.build });
  const start = (on: number | string, args: readonly string[], env: NodeJS.ProcessEnv) =>
    startPinned(on, [process.execPath, ...args], { env, cwd: ROOT });
  const upstreamTls = await authority.folderFor('board');
  const upstream = start(CORES.others, ['bench/transcode/upstream.ts', upstreamTls], {});
  const upstreamPort = await firstLine(upstream.child);
  const tlsFolder = await authority.folderFor('gateway');
  const [edgePort, adminPort] = [await freePort(), await freePort()];
  const gateway = start(core, ['services/gateway/src/app.ts'], {
    GATEHOUSE_TRUST_DOMAIN: authority.trustDomain,
    GATEHOUSE_TLS_DIR: tlsFolder,
    GATEHOUSE_HTTP_PORT: `${edgePort}`,
    GATEHOUSE_ADMIN_PORT: `${adminPort}`,
    GATEHOUSE_ISSUER: ISSUER,
    GATEHOUSE_EDGE_AUDIENCE: AUDIENCE,
    GATEHOUSE_KEYS_URL: fake.keysUrl(),
    GATEHOUSE_UPSTREAMS: `auth=localhost:${auth.grpcPort},board=localhost:${upstreamPort},user=localhost:${upstreamPort}`,
    // The access log costs what the disk behind it costs.
    GATEHOUSE_LOG_LEVEL: 'error',
    // All of it comes from one address.
    GATEHOUSE_RATE_PER_SECOND: NO_LIMIT,
    GATEHOUSE_RATE_BURST: NO_LIMIT,
  });
  gateway.child.stdout?.pipe(process.stderr);
  const tokensFile = join(folder, 'tokens');
  const tokens = Array.from({ length: tokenCount }, () => fake.token());
  await writeFile(tokensFile, `${tokens.join('\n')}\n`, { mode: 0o600 });
  await isReady(`http://127.0.0.1:${adminPort}/readyz`, 'the gateway');
  return {
    gateway,
    gatewayUrl: `http://127.0.0.1:${edgePort}`,
    tokensFile,
    target: {
      upstream: `127.0.0.1:${upstreamPort}`,
      tlsFolder,
      passport: createTestIssuer().passport({ scope: 'board:read' }),
    },
    close: async () => {
      await gateway.stop();
      await upstream.stop();
      await auth.close();
      await authority.close();
      await rm(folder, { recursive: true });
    },
  };
}
