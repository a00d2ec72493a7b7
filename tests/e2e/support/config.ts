/** Where the platform under test is. Global setup says it here; the test files read it here. */
import type { DemoUser } from '@gatehouse/platform';

/** Everything a test file needs to reach the platform that global setup started. */
export interface Target {
  /** Base URLs of two gateways side by side: `http://127.0.0.1:18080`. */
  readonly edges: readonly [string, string];
  /** Part (`gateway`, `gateway-2`, `board`) → listener (`http`, `grpc`, `admin`) → port. */
  readonly ports: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What was added to every port of `platform/parts.ts`. */
  readonly portOffset: number;
  /** State folder of the platform. */
  readonly dataDir: string;
  /** Workload → folder with its key.pem, chain.pem and bundle.pem, for calls past the edge. */
  readonly identities: Readonly<Record<string, string>>;
  readonly demoUsers: readonly DemoUser[];
  /** URL of each service's database, by service. Secret. */
  readonly databaseUrls: Readonly<Record<string, string>>;
  /** Spans as they came over OTLP, one export request a line. */
  readonly spansFile: string;
  /** Secrets that the tests were given or made up, for the scan at the end. */
  readonly ledgerFile: string;
}

// Not GATEHOUSE_…, which a platform hands on to its services.
const VARIABLE = 'E2E_TARGET';

/** Tells the test files, which inherit the environment. */
export function publishTarget(target: Target): void {
  process.env[VARIABLE] = JSON.stringify(target);
}

/** @throws Error when the tests run without their global setup. */
export function target(): Target {
  const text = process.env[VARIABLE];
  if (text === undefined) {
    throw new Error('no platform: run with --test-global-setup=tests/e2e/global-setup.ts');
  }
  return JSON.parse(text) as Target;
}
