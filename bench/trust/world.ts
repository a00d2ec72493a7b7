/** The platform that auth is measured in: one for all subjects, started by the first. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectToAuth,
  layoutOf,
  OPERATOR,
  type Platform,
  startPlatform,
} from '@gatehouse/platform';
import { freePortOffset } from '../../tests/e2e/support/port-offset.ts';
import { cpuSecondsOf } from '../harness/processes.ts';
import { post } from '../login/edge.ts';
import type { TokenEndpoint } from './token-load.ts';

export interface World {
  readonly tokenEndpoint: TokenEndpoint;
  readonly edge: string;
  /** A refresh token of each of several sessions; each is replaced when it is used. */
  readonly refreshTokens: string[];
  authCpuSeconds(): number;
  /** Stops the platform when the last one who opened it is gone. */
  close(): Promise<void>;
}

const SESSIONS = 32;
const PEOPLE = 4;
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
  const dataDir = join(folder, 'data');
  const platform = await startPlatform({
    dataDir,
    portOffset: await freePortOffset(),
    env: NO_LIMIT,
  });
  const edge = `http://127.0.0.1:${platform.ports.gateway?.http}`;
  return {
    edge,
    tokenEndpoint: {
      url: `http://127.0.0.1:${platform.ports.auth?.http}/oauth2/token`,
      ...(await makeClient(dataDir, platform)),
    },
    refreshTokens: await logInMany(edge),
    authCpuSeconds: () => cpuSecondsOf(platform.parts.find(({ name }) => name === 'auth')?.pid),
    close: async () => {
      users -= 1;
      if (users > 0) return;
      await platform.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function makeClient(dataDir: string, platform: Platform) {
  const { client, close } = await connectToAuth({
    tlsFolder: layoutOf(dataDir).identity(OPERATOR),
    addresses: [`localhost:${platform.ports.auth?.grpc}`],
  });
  const made = await client.createClient({ name: 'bench', scopes: ['asset:update'] });
  close();
  return { clientId: made.clientId, clientSecret: made.clientSecret };
}

async function logInMany(edge: string): Promise<string[]> {
  const tokens: string[] = [];
  for (let person = 0; person < PEOPLE; person += 1) {
    const email = `person${person}@bench.example`;
    const account = { email, password: randomBytes(16).toString('base64url') };
    await post(`${edge}/auth/v1/sign-up`, { ...account, nickname: 'Bench' });
    for (let session = 0; session < SESSIONS / PEOPLE; session += 1) {
      tokens.push((await post<Tokens>(`${edge}/auth/v1/login`, account)).refreshToken);
    }
  }
  return tokens;
}

interface Tokens {
  readonly refreshToken: string;
}

/** Refreshes all sessions, each as fast as the last answer allows. */
export async function refreshesFor({ edge, refreshTokens }: World, durationMs: number) {
  const startedMs = performance.now();
  let count = 0;
  const session = async (index: number): Promise<void> => {
    while (performance.now() - startedMs < durationMs) {
      const refreshToken = refreshTokens[index] ?? '';
      const next = await post<Tokens>(`${edge}/auth/v1/refresh`, { refreshToken });
      refreshTokens[index] = next.refreshToken;
      count += 1;
    }
  };
  await Promise.all(refreshTokens.map((_, index) => session(index)));
  const seconds = (performance.now() - startedMs) / 1_000;
  return { operations: count, extras: { perSecond: count / seconds } };
}
