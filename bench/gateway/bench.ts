import { CORES } from '../harness/processes.ts';
import type { Bench, BenchOptions, Goal } from '../harness/types.ts';
import { CONNECTIONS, type Workload } from '../harness/wrk.ts';
import { checkOut } from './beside.ts';
import { envoy } from './peers/envoy.ts';
import { gatehouse } from './peers/gatehouse.ts';
import { nginx } from './peers/nginx.ts';
import { oathkeeper } from './peers/oathkeeper.ts';
import { bareRelay, fastify, haproxy } from './peers/others.ts';
import { type Compared, nameOf, subjectsOf } from './subjects.ts';

const TOKENS = 10_000;
const ROUND_SECONDS = 2;
/** GET requests of one token share a passport for so long: less would count too many signatures, or none. */
const SHARE_SECONDS = 10;
const OURS = 'gatehouse';
const NGINX = 'nginx';
const ENVOY = 'envoy + jwt_authn';
const OATHKEEPER = 'oathkeeper + id_token';
const FASTIFY = '@fastify/http-proxy + jose';
const OURS_TLS = 'gatehouse over TLS';
const NGINX_TLS = 'nginx over TLS';

const GET: Workload = { name: '1 kB', target: '/1k' };
// Few tokens, so that the passports minted in a short round hardly count.
const LARGE: Workload = { name: '100 kB', target: '/100k', tokens: 1000 };
const POST: Workload = { name: '10 kB post', target: '/posted', postBytes: 10_240 };
const HALF: Workload = { name: '1 kB at half load', target: '/1k' };
const ALL = [GET, LARGE, POST];

const PEERS: Compared['peers'] = {
  [OURS]: { peer: gatehouse({}), workloads: ALL },
  [NGINX]: { peer: nginx(), workloads: ALL },
  [ENVOY]: { peer: envoy, workloads: ALL },
  [OATHKEEPER]: { peer: oathkeeper, workloads: ALL },
  [FASTIFY]: { peer: fastify, workloads: ALL },
  'haproxy + jwt_verify': { peer: haproxy, workloads: [GET] },
  'bare node:net': { peer: bareRelay, workloads: [GET, POST] },
  [OURS_TLS]: { peer: gatehouse({ isTls: true }), workloads: ALL },
  [NGINX_TLS]: { peer: nginx({ isTls: true }), workloads: ALL },
};

const ABOUT = `Plain HTTP services behind a gateway: responses of 1 kB and 100 kB, posts of 10 kB, with distinct RS256 access tokens in turn (${TOKENS.toLocaleString('en')}; ${LARGE.tokens?.toLocaleString('en')} for 100 kB). Gatehouse checks each token (all verified before, so from its cache), the rule, mints passports, and forwards; nginx proxies and looks at nothing; Envoy checks tokens with \`jwt_authn\` and its \`jwt_cache_config\`; Oathkeeper with its \`jwt\` authenticator, and mints with \`id_token\`; \`@fastify/http-proxy\` verifies with jose at each request, and HAProxy with \`jwt_verify\`. \`bare node:net\` passes bytes on and reads none of them: no gateway in one Node process can cost less. Over TLS: the connection of the client is, with an ECDSA P-256 certificate. Each on one core, one process; all before the same nginx, which responds from memory and shares the other cores with wrk. ${CONNECTIONS} connections, kept alive on both sides. At half load wrk paces the requests to half of what the same gateway did at full load the time before, and \`p99Ms\` is the time until the response.`;

const between = (workload: Workload, ours: string, theirs: string) => ({
  subject: nameOf(workload, ours),
  baseline: nameOf(workload, theirs),
});

const GOALS: readonly Goal[] = [
  { ...between(GET, OURS, NGINX), atLeast: 0.42 },
  { ...between(GET, OURS, ENVOY), atLeast: 1.2 },
  { ...between(GET, OURS, OATHKEEPER), atLeast: 8 },
  { ...between(GET, OURS, FASTIFY), atLeast: 2 },
  { ...between(GET, OURS_TLS, NGINX_TLS), atLeast: 0.4 },
  { ...between(LARGE, OURS, NGINX), atLeast: 0.38 },
  { ...between(LARGE, OURS, FASTIFY), atLeast: 2 },
  { ...between(POST, OURS, NGINX), atLeast: 0.22 },
  { ...between(POST, OURS, ENVOY), atLeast: 0.5 },
  { ...between(POST, OURS, OATHKEEPER), atLeast: 8 },
  // No goals, but figures.
  { ...between(LARGE, OURS, ENVOY), atLeast: 0 },
  { ...between(LARGE, OURS, OATHKEEPER), atLeast: 0 },
  { ...between(POST, OURS, FASTIFY), atLeast: 0 },
  { ...between(LARGE, OURS_TLS, NGINX_TLS), atLeast: 0 },
  { ...between(POST, OURS_TLS, NGINX_TLS), atLeast: 0 },
];

/**
 * Compares ours with its peers, and with itself at another commit if that is wanted.
 *
 * @param options.seconds - of every round. Passports that GET requests share are then minted once a
 * round, so that its figures are too low.
 */
export function bench({ beside, seconds }: BenchOptions): Bench {
  const other = beside === undefined ? undefined : checkOut(beside);
  const before = `gatehouse at ${other?.commit}`;
  const peers =
    other === undefined
      ? PEERS
      : { ...PEERS, [before]: { peer: gatehouse({ root: other.root }), workloads: ALL } };
  const secondsOf = (workload: Workload, peer: string): number => {
    const shares = workload.target === GET.target && peer.startsWith(OURS);
    return seconds ?? (shares ? SHARE_SECONDS : ROUND_SECONDS);
  };
  const half = { of: GET, as: HALF, peers: [OURS, NGINX, ENVOY] };
  return {
    name: 'gateway',
    about: ABOUT,
    subjects: subjectsOf({ peers, half, tokens: TOKENS, secondsOf }),
    goals: other === undefined ? GOALS : [...GOALS, ...goalsBeside(before)],
    limits: [
      { ...between(HALF, OURS, ENVOY), extra: 'p99Ms', atMost: 2.5 },
      { ...between(HALF, OURS, NGINX), extra: 'p99Ms', atMost: 3 },
    ],
    rounds: 7,
    // Each gateway is warmed when it starts.
    warmUpRounds: 0,
  };
}

/** What a redesign may cost, and what it must bring. */
function goalsBeside(before: string): readonly Goal[] {
  return [
    { ...between(GET, OURS, before), atLeast: 0.97 },
    { ...between(LARGE, OURS, before), atLeast: 0.97 },
    { ...between(POST, OURS, before), atLeast: 1.15 },
  ];
}

// What a gateway costs is its own only where nothing else is on its core.
if (CORES.others === String(CORES.subject)) {
  console.warn('one core for all: only ratios mean anything');
}
