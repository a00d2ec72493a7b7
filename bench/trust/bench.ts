import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { firstLine, startPinned, startWork } from '../harness/processes.ts';
import type { Bench, RunningSubject, Subject } from '../harness/types.ts';
import { subjectsIn } from '../harness/world-subject.ts';
import { openCallee } from './callee.ts';
import { tokenFrom, tokensFor } from './token-load.ts';
import { openWorld, refreshesFor } from './world.ts';

const ROUND_MS = 3_000;
const WORKS = new URL('works.ts', import.meta.url);
const OIDC_SERVER = fileURLToPath(new URL('oidc-server.mjs', import.meta.url));

const SIGNING = 'RSA-2048 signing alone';
const TOKENS = 'client credentials';
const OIDC = 'client credentials: oidc-provider, in memory';
const REFRESH = 'refresh';
const BARE = 'a call: grpc-js alone';
const EXECUTOR = 'a call: executor';
const PLAIN = 'a call: grpc-js alone, without TLS';
const CONNECTION = 'a connection: mutual TLS';
const PLAIN_CONNECTION = 'a connection: plain TCP';

const inWorld = subjectsIn(openWorld);

export const bench: Bench = {
  name: 'trust',
  about: `**${TOKENS}**: \`POST /oauth2/token\` of the whole platform's auth, which asks Postgres for the client each time, 32 at once; the CPU is that of the auth process. **${SIGNING}**: \`crypto.sign\` over as many bytes as a token has, in a process that does nothing else: each service token needs one. **${OIDC}**: oidc-provider, RS256 JWTs of five minutes, with the in-memory adapter that it comes with: no database, so what it is compared with does more. **${REFRESH}**: \`POST /auth/v1/refresh\` through the gateway, 32 sessions at once, each with the token that the last response gave; the CPU is that of auth. **${BARE}**: what a generated client does, with a deadline and a passport, 64 at once over one mutual TLS connection. **${EXECUTOR}**: the same call by \`createServiceClient\`: passport and deadline from the async context, copies, budget, breaker, a span that nobody records. **${PLAIN}** and **${PLAIN_CONNECTION}** say what mutual TLS costs for each call and each connection, on the side of the caller.`,
  subjects: [
    work(SIGNING),
    inWorld(TOKENS, (world) => tokensFor(world.tokenEndpoint, ROUND_MS)),
    { name: OIDC, start: startOidcProvider },
    inWorld(REFRESH, (world) => refreshesFor(world, ROUND_MS)),
    workWithCallee(BARE),
    workWithCallee(EXECUTOR),
    workWithCallee(PLAIN),
    workWithCallee(CONNECTION),
    workWithCallee(PLAIN_CONNECTION),
  ],
  goals: [
    { subject: TOKENS, baseline: SIGNING, atLeast: 0.7 },
    { subject: REFRESH, baseline: SIGNING, atLeast: 0.45 },
    { subject: TOKENS, baseline: OIDC, atLeast: 1 },
    { subject: EXECUTOR, baseline: BARE, atLeast: 0.95 },
    // No goals, but figures: ratios that say what mutual TLS costs.
    { subject: BARE, baseline: PLAIN, atLeast: 0 },
    { subject: CONNECTION, baseline: PLAIN_CONNECTION, atLeast: 0 },
  ],
  rounds: 10,
  warmUpRounds: 2,
};

function work(name: string): Subject {
  return { name, start: (core) => startWork(core, { module: WORKS, name }) };
}

function workWithCallee(name: string): Subject {
  return {
    name,
    start: async (core) => {
      const callee = await openCallee();
      const running = await startWork(core, { module: WORKS, name });
      const close = async (): Promise<void> => {
        await running.close();
        await callee.close();
      };
      return { round: running.round, close };
    },
  };
}

async function startOidcProvider(core: number): Promise<RunningSubject> {
  const clientSecret = randomBytes(32).toString('base64url');
  const server = startPinned(core, [process.execPath, OIDC_SERVER, 'bench', clientSecret]);
  const port = await firstLine(server.child);
  const endpoint = { url: `http://127.0.0.1:${port}/token`, clientId: 'bench', clientSecret };
  // That it gives tokens at all is known before it is measured.
  await tokenFrom(endpoint);
  return {
    round: async () => {
      const before = server.cpuSeconds();
      const done = await tokensFor(endpoint, ROUND_MS);
      return { ...done, cpuSeconds: server.cpuSeconds() - before };
    },
    close: () => server.stop(),
  };
}
