/** How a verifier behaves while its key server is late, wrong, silent, away or under a storm. */
import {
  createAccessTokenVerifier,
  createRemoteKeySet,
  KeysUnavailableError,
  type RemoteKeySet,
  TokenError,
  type Verifier,
} from '@gatehouse/tokens';
import { forge, type Key, makeKey } from '../vectors/forge.ts';
import {
  type Answer,
  type KeyServer,
  late,
  publish,
  silent,
  startKeyServer,
  WRONG_ANSWERS,
} from './key-server.ts';

/** Shorter than the defaults, so that a run takes seconds; what counts is how often, not how long. */
export const SETTINGS = {
  cooldownMs: 500,
  timeoutMs: 2_000,
  maxWaitMs: 1_000,
  refreshIntervalMs: 250,
};

/** What one scenario showed. */
export interface Scenario {
  readonly name: string;
  readonly requests: number;
  readonly succeeded: number;
  /** Requests that failed, by code: `keys_unavailable` is a 503, all else a 401. */
  readonly failed: Readonly<Record<string, number>>;
  /** Fetches of the key set that reached the server. */
  readonly fetches: number;
  /** Time from first to last, and the longest that one request took, in milliseconds. */
  readonly durationMs: number;
  readonly slowestMs: number;
}

/** What a scenario works with. */
interface Stage {
  readonly server: KeyServer;
  readonly keys: RemoteKeySet;
  /** Verifies tokens of these keys, all at once. */
  readonly burst: (keys: readonly Key[]) => Promise<void>;
  /** Verifies one every few milliseconds, for a time. */
  readonly requests: (key: () => Key, durationMs: number) => Promise<void>;
}

const ISSUER = 'https://auth.example';
const EDGE = 'https://edge.example';
const PAUSE_MS = 5;

const first = makeKey('RS256', 'first');
const second = makeKey('RS256', 'second');
// One that nobody published; each request says another kid.
const unknown = makeKey('RS256', 'unknown');

/** Runs all scenarios, one after another: some ten seconds. */
export async function runScenarios(): Promise<readonly Scenario[]> {
  const scenarios: Scenario[] = [];
  const add = async (name: string, answer: Answer, play: (stage: Stage) => Promise<void>) => {
    scenarios.push(await onStage(name, answer, play));
  };
  const good = publish(first.jwk);

  await add(
    'start with the server away; it comes back',
    good,
    async ({ server, keys, requests }) => {
      await server.goAway();
      await keys.start();
      await requests(() => first, 500);
      await server.comeBack();
      await keys.reload();
      await requests(() => first, 300);
    },
  );
  await add('the first answer is late, within the wait', late(100, good), async ({ burst }) => {
    await burst(Array(100).fill(first));
  });
  await add(
    'the first answer is later than the wait',
    late(1_500, good),
    async ({ burst, keys }) => {
      await burst(Array(100).fill(first));
      await keys.reload();
      await burst(Array(100).fill(first));
    },
  );
  await add('the server never answers', silent, async ({ keys, requests }) => {
    await keys.start();
    await requests(() => first, 500);
  });
  for (const [name, wrong] of Object.entries(WRONG_ANSWERS)) {
    await add(`after the first load: ${name}`, good, async ({ server, keys, requests }) => {
      await keys.start();
      server.answer = wrong;
      await requests(() => first, 600);
    });
  }
  await add('after the first load: no answer at all', good, async ({ server, keys, requests }) => {
    await keys.start();
    server.answer = silent;
    await requests(() => first, 1_000);
  });
  await add('after the first load: the server away', good, async ({ server, keys, requests }) => {
    await keys.start();
    await server.goAway();
    await requests(() => first, 2_000);
  });
  await add('a storm of unknown kids', good, async ({ keys, burst, requests }) => {
    await keys.start();
    await burst(Array(500).fill(unknown));
    await requests(() => unknown, 2_000);
  });
  await add(
    'a storm of unknown kids with the server away, and good tokens among them',
    good,
    async (stage) => {
      await stage.keys.start();
      await stage.server.goAway();
      let turn = 0;
      await stage.requests(() => (turn++ % 2 === 0 ? first : unknown), 1_500);
    },
  );
  await add('a new key is published and used at once', good, async ({ server, keys, burst }) => {
    await keys.start();
    await burst([first]);
    server.answer = publish(first.jwk, second.jwk);
    await new Promise((resolve) => setTimeout(resolve, SETTINGS.cooldownMs));
    await burst(Array.from({ length: 200 }, (_, turn) => (turn % 2 === 0 ? first : second)));
  });
  return scenarios;
}

async function onStage(
  name: string,
  answer: Answer,
  play: (stage: Stage) => Promise<void>,
): Promise<Scenario> {
  const server = await startKeyServer(answer);
  // Storms must be answered by the cool-down alone: no refresh of its own beside it.
  const isStorm = name.includes('storm') || name.includes('new key');
  const refreshIntervalMs = isStorm ? 60_000 : SETTINGS.refreshIntervalMs;
  const keys = createRemoteKeySet({ url: server.url, ...SETTINGS, refreshIntervalMs });
  const options = { issuer: ISSUER, audience: EDGE, keys, cacheEntries: 0 };
  const tally = createTally(createAccessTokenVerifier(options));
  const startedMs = performance.now();
  try {
    await play({
      server,
      keys,
      // Signed before the first is verified: to sign takes longer.
      burst: async (signers) => {
        await Promise.all(signers.map(tally.token).map(tally.request));
      },
      requests: (key, ms) => repeat(() => tally.request(tally.token(key())), ms),
    });
  } finally {
    keys.close();
    await server.goAway().catch(() => undefined);
  }
  const durationMs = Math.round(performance.now() - startedMs);
  return { name, ...tally.result(), fetches: server.fetches, durationMs };
}

async function repeat(request: () => Promise<void>, durationMs: number): Promise<void> {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    await request();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function createTally(verifier: Verifier<object>) {
  const failed: Record<string, number> = {};
  let requests = 0;
  let slowestMs = 0;
  return {
    token: (key: Key) => tokenOf(key, requests++),
    request: async (token: string) => {
      const startedMs = performance.now();
      try {
        await verifier.verify(token);
      } catch (error) {
        const isKnown = error instanceof TokenError || error instanceof KeysUnavailableError;
        const code = isKnown ? error.code : String(error);
        failed[code] = (failed[code] ?? 0) + 1;
      }
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    },
    result: () => {
      const failures = Object.values(failed).reduce((sum, count) => sum + count, 0);
      return { requests, succeeded: requests - failures, failed, slowestMs: Math.round(slowestMs) };
    },
  };
}

function tokenOf(key: Key, number: number): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const kid = key === unknown ? `unknown-${number}` : key.kid;
  return forge(
    key,
    { alg: 'RS256', kid, typ: 'at+jwt' },
    {
      iss: ISSUER,
      aud: EDGE,
      sub: 'usr_1',
      client_id: 'web',
      scope: '',
      roles: [],
      sid: 'ses_1',
      sv: 0,
      jti: `tok_${number}`,
      iat: nowSeconds,
      exp: nowSeconds + 600,
    },
  );
}
