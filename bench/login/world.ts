/** The platform that log-ins are measured on: one for all subjects, started by the first. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, startPlatform } from '@gatehouse/platform';
import { freePortOffset } from '../../tests/e2e/support/port-offset.ts';
import { cpuSecondsOf } from '../harness/processes.ts';
import { post } from './edge.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
}

export interface World {
  readonly edge: string;
  /** Who logs in, in turn. */
  readonly people: readonly Account[];
  /** The session of another person, for the other requests. */
  readonly token: string;
  authCpuSeconds(): number;
  /** Stops the platform when the last one who opened it is gone. */
  close(): Promise<void>;
}

const PEOPLE = 8;
/** All of it comes from one address. */
const NO_LIMIT = { GATEHOUSE_RATE_PER_SECOND: '1000000', GATEHOUSE_RATE_BURST: '1000000' };

let opened: Promise<World> | undefined;
let users = 0;

export function openWorld(): Promise<World> {
  users += 1;
  opened ??= start();
  return opened;
}

async function start(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const platform = await startPlatform({
    dataDir: join(folder, 'data'),
    portOffset: await freePortOffset(),
    env: NO_LIMIT,
  });
  const edge = `http://127.0.0.1:${platform.ports.gateway?.http}`;
  const people = await Promise.all(
    Array.from({ length: PEOPLE }, (_, index) => signUp(edge, `person${index}@bench.example`)),
  );
  const other = await signUp(edge, 'other@bench.example');
  const { accessToken } = await post<{ accessToken: string }>(`${edge}/auth/v1/login`, other);
  return {
    edge,
    people,
    token: accessToken,
    authCpuSeconds: () => cpuSecondsOf(pidOfAuth(platform)),
    close: async () => {
      users -= 1;
      if (users > 0) return;
      await platform.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function signUp(edge: string, email: string): Promise<Account> {
  const account = { email, password: randomBytes(16).toString('base64url') };
  await post(`${edge}/auth/v1/sign-up`, { ...account, nickname: 'Bench' });
  return account;
}

function pidOfAuth(platform: Platform): number {
  const pid = platform.parts.find(({ name }) => name === 'auth')?.pid;
  if (pid === undefined) throw new Error('auth does not run');
  return pid;
}
