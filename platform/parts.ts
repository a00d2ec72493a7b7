/**
 * The whole system on one page: every process that `gatehouse up` starts. A service is a folder of
 * `services/`, which says in its `service.json` where it listens, what must be ready before it, and what
 * it is told; it is found by that file and named nowhere else.
 *
 * Ports. What people and programs outside call: gateway 8080 (replicas 8081 to 8089); the listeners of the
 * original wire and auth's well-known documents, core 8090, auth 8091, extension 8092 (a replica's is ten
 * further). Everything inside: 7400 to 7599, ten for each part, 7480 for the traces that the supervisor
 * keeps. A replica's ports follow those of the one before it. `--port-offset N` is added to every one.
 */
import { fileURLToPath } from 'node:url';
import { SCOPES } from '@gatehouse/contracts';
import { discoverServices } from './discovery/discover.ts';
import type { Wiring } from './discovery/env.ts';
import type { Part } from './discovery/part.ts';

/** The audience of access tokens in the embedded default: the edge, and nothing inside it. */
export const EDGE_AUDIENCE = 'https://edge.gatehouse.local';

export const POSTGRES: Part = {
  name: 'postgres',
  what: 'the databases, one for each service that keeps data',
  ports: { sql: 7490 },
  maxReplicas: 1,
  needs: [],
};

/** Where the supervisor itself keeps the last traces in the embedded default; see traces/. */
export const TRACES_PORT = 7480;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let discovered: readonly Part[] | undefined;

/**
 * The services of this clone, in the order in which they are listed to people and started.
 *
 * @throws PlatformError naming the file and the field of a declaration that is invalid.
 */
export function services(): readonly Part[] {
  discovered ??= discoverServices(ROOT, {
    parts: [POSTGRES],
    ports: { 'the trace view': TRACES_PORT },
    scopes: SCOPES.map(({ name }) => name),
  });
  return discovered;
}

/** What every service is told. Its own ports, certificate folder and database come on top. */
export function commonEnv(at: Wiring): Readonly<Record<string, string>> {
  return {
    GATEHOUSE_TRUST_DOMAIN: at.trustDomain,
    GATEHOUSE_BIND_ADDRESS: '127.0.0.1',
    GATEHOUSE_ISSUER: `http://127.0.0.1:${at.port('auth', 'http')}`,
    GATEHOUSE_EDGE_AUDIENCE: EDGE_AUDIENCE,
    GATEHOUSE_KEYS_URL: `https://localhost:${at.port('auth', 'keys')}`,
    GATEHOUSE_UPSTREAMS: at.upstreams,
    GATEHOUSE_SUPERVISED: '1',
    ...(at.traceView === undefined ? {} : { GATEHOUSE_TRACE_VIEW: at.traceView }),
  };
}
