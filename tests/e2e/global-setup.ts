/**
 * One platform for all end-to-end tests: real processes, two gateways, a data folder and ports of
 * its own. `npm test -- tests/e2e` keeps it for all files; a single one runs with
 * `node --test --test-global-setup=tests/e2e/global-setup.ts`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, startPlatform } from '@gatehouse/platform';
import { publishTarget } from './support/config.ts';
import { gatewayFile } from './support/gateway-file.ts';
import { type OtlpReceiver, startOtlpReceiver } from './support/otlp-receiver.ts';
import { freePortOffset } from './support/port-offset.ts';

/** Workloads in whose name tests call services directly; `stranger` is in nobody's rule. */
const WORKLOADS = [
  'gateway',
  'auth',
  'user',
  'board',
  'orchestrator',
  'stranger',
  'operator',
] as const;

let folder: string | undefined;
let receiver: OtlpReceiver | undefined;
let platform: Platform | undefined;

export async function globalSetup(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-e2e-'));
  const [spansFile, ledgerFile] = [join(folder, 'spans.jsonl'), join(folder, 'ledger.jsonl')];
  await writeFile(ledgerFile, '', { mode: 0o600 });
  receiver = await startOtlpReceiver(spansFile);
  const lines: string[] = [];
  const portOffset = await freePortOffset();
  const file = join(folder, 'gateway.yaml');
  await writeFile(file, gatewayFile(portOffset));
  const started = await startPlatform({
    portOffset,
    dataDir: join(folder, 'data'),
    replicas: { gateway: 2 },
    // At their most talkative, so that the scan sees all that they could ever say.
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      GATEHOUSE_LOG_LEVEL: 'debug',
      // All tests come from the loopback network, and some send what they have at once.
      GATEHOUSE_RATE_PER_SECOND: '10000',
      GATEHOUSE_GATEWAY_FILE: file,
    },
    onLine: (line) => lines.push(line),
  }).catch(async (thrown: unknown) => {
    console.error(lines.join('\n'));
    await globalTeardown();
    throw thrown;
  });
  platform = started;
  publishTarget({
    edges: [edgeOf(started, 'gateway'), edgeOf(started, 'gateway-2')],
    ports: started.ports,
    portOffset,
    dataDir: started.dataDir,
    identities: Object.fromEntries(
      await Promise.all(
        WORKLOADS.map(async (name) => [name, await started.identity(name)] as const),
      ),
    ),
    demoUsers: started.demoUsers,
    databaseUrls: Object.fromEntries(started.databaseUrls),
    spansFile,
    ledgerFile,
  });
}

export async function globalTeardown(): Promise<void> {
  await platform?.stop();
  await receiver?.close();
  // Tried again: a start that failed may still be writing there.
  const whole = { recursive: true, force: true, maxRetries: 10 };
  if (folder !== undefined) await rm(folder, whole);
}

function edgeOf({ ports }: Platform, part: string): string {
  return `http://127.0.0.1:${ports[part]?.http}`;
}
