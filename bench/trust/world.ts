/** The platform that auth is measured in: one for all subjects. */
import { connectToAuth, layoutOf, OPERATOR } from '@gatehouse/platform';
import { post } from '../harness/edge.ts';
import { type BenchPlatform, startBenchPlatform } from '../harness/platform.ts';
import { shared } from '../harness/shared.ts';
import type { TokenEndpoint } from './token-load.ts';

export interface World {
  readonly tokenEndpoint: TokenEndpoint;
  readonly edge: string;
  /** A refresh token of each of several sessions; each is replaced when it is used. */
  readonly refreshTokens: string[];
  authCpuSeconds(): number;
  close(): Promise<void>;
}

const SESSIONS = 32;
const PEOPLE = 4;

export const openWorld = shared(async (): Promise<World> => {
  const started = await startBenchPlatform();
  const { edge, authCpuSeconds, close } = started;
  const url = `http://127.0.0.1:${started.platform.ports.auth?.http}/oauth2/token`;
  const tokenEndpoint = { url, ...(await makeClient(started)) };
  return { edge, tokenEndpoint, refreshTokens: await logInMany(started), authCpuSeconds, close };
});

async function makeClient({ dataDir, platform }: BenchPlatform) {
  const { client, close } = await connectToAuth({
    tlsFolder: layoutOf(dataDir).identity(OPERATOR),
    addresses: [`localhost:${platform.ports.auth?.grpc}`],
  });
  const made = await client.createClient({ name: 'bench', scopes: ['asset:update'] });
  close();
  return { clientId: made.clientId, clientSecret: made.clientSecret };
}

async function logInMany({ edge, signUp }: BenchPlatform): Promise<string[]> {
  const tokens: string[] = [];
  for (let person = 0; person < PEOPLE; person += 1) {
    const account = await signUp(`person${person}`);
    for (let session = 0; session < SESSIONS / PEOPLE; session += 1) {
      tokens.push((await post<Tokens>(`${edge}/auth/v1/login`, account)).refreshToken);
    }
  }
  return tokens;
}

interface Tokens {
  readonly refreshToken: string;
}

/** Refreshes all sessions, each as fast as the last response allows. */
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
