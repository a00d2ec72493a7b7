/** The whole platform for one bench, with people who signed up. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, startPlatform } from '@gatehouse/platform';
import { freePortOffset } from '../../tests/e2e/support/port-offset.ts';
import { post } from './edge.ts';
import { cpuSecondsOf } from './processes.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** A platform that is up. */
export interface BenchPlatform {
  readonly platform: Platform;
  readonly dataDir: string;
  /** Base URL of its gateway. */
  readonly edge: string;
  authCpuSeconds(): number;
  /** Makes an account of somebody with this name. */
  signUp(name: string): Promise<Account>;
  close(): Promise<void>;
}

/** All of it comes from one address. */
const NO_LIMIT = { GATEHOUSE_RATE_PER_SECOND: '1000000', GATEHOUSE_RATE_BURST: '1000000' };

export async function startBenchPlatform(): Promise<BenchPlatform> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const dataDir = join(folder, 'data');
  const portOffset = await freePortOffset();
  const platform = await startPlatform({ dataDir, portOffset, env: NO_LIMIT });
  const edge = `http://127.0.0.1:${platform.ports.gateway?.http}`;
  return {
    platform,
    dataDir,
    edge,
    authCpuSeconds: () => cpuSecondsOf(pidOfAuth(platform)),
    signUp: async (name) => {
      const email = `${name}@bench.example`;
      const account = { email, password: randomBytes(16).toString('base64url') };
      await post(`${edge}/auth/v1/sign-up`, { ...account, nickname: 'Bench' });
      return account;
    },
    close: async () => {
      await platform.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function pidOfAuth(platform: Platform): number {
  const pid = platform.parts.find(({ name }) => name === 'auth')?.pid;
  if (pid === undefined) throw new Error('auth does not run');
  return pid;
}
