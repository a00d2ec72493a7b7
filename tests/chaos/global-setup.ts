/**
 * One platform for the chaos tests: real processes, two replicas of board, limits and logs as people
 * get them, but for those by address, since all of the load comes from one.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, startPlatform } from '@gatehouse/platform';
import { publishTarget } from '../e2e/support/config.ts';
import { freePortOffset } from '../e2e/support/port-offset.ts';

let folder: string | undefined;
let platform: Platform | undefined;

export async function globalSetup(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-chaos-'));
  const ledgerFile = join(folder, 'ledger.jsonl');
  await writeFile(ledgerFile, '', { mode: 0o600 });
  const portOffset = await freePortOffset();
  platform = await startPlatform({
    portOffset,
    dataDir: join(folder, 'data'),
    replicas: { board: 2 },
    env: { GATEHOUSE_RATE_PER_SECOND: '10000', GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '10000' },
  }).catch(async (thrown: unknown) => {
    await globalTeardown();
    throw thrown;
  });
  const edge = `http://127.0.0.1:${platform.ports.gateway?.http}`;
  publishTarget({
    edges: [edge, edge],
    ports: platform.ports,
    portOffset,
    dataDir: platform.dataDir,
    // For calls past the edge.
    identities: {
      operator: await platform.identity('operator'),
      gateway: await platform.identity('gateway'),
      auth: await platform.identity('auth'),
      board: await platform.identity('board'),
    },
    demoUsers: platform.demoUsers,
    databaseUrls: Object.fromEntries(platform.databaseUrls),
    spansFile: '',
    ledgerFile,
  });
}

export async function globalTeardown(): Promise<void> {
  await platform?.stop();
  const whole = { recursive: true, force: true, maxRetries: 10 };
  if (folder !== undefined) await rm(folder, whole);
}
