import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AUDIENCE, ISSUER } from '../issuer.ts';
import type { Peer } from './peer.ts';

const BARE_RELAY = fileURLToPath(new URL('bare-relay.ts', import.meta.url));
const FASTIFY = fileURLToPath(new URL('fastify-proxy.ts', import.meta.url));

/** `@fastify/http-proxy`, which verifies with jose at each request. */
export const fastify: Peer = {
  start: ({ port, upstreamPort, jwksFile }) => ({
    command: [process.execPath, FASTIFY, `${port}`, `${upstreamPort}`, jwksFile],
    env: { NODE_ENV: 'production' },
  }),
};

/** Passes bytes on and reads none of them. */
export const bareRelay: Peer = {
  start: ({ port, upstreamPort }) => ({
    command: [process.execPath, BARE_RELAY, `${port}`, `${upstreamPort}`],
  }),
};

/** HAProxy with `jwt_verify`, at each request. */
export const haproxy: Peer = {
  hint: 'On Debian: apt-get install haproxy',
  start: ({ folder, port, upstreamPort, pemFile }) => {
    const path = join(folder, 'haproxy.cfg');
    writeFileSync(
      path,
      `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
frontend edge
  bind 127.0.0.1:${port}
  http-request set-var(txn.bearer) http_auth_bearer
  http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
  http-request deny unless { var(txn.alg) -m str "RS256" }
  http-request deny unless { var(txn.bearer),jwt_payload_query('$.iss') -m str "${ISSUER}" }
  http-request deny unless { var(txn.bearer),jwt_payload_query('$.aud') -m str "${AUDIENCE}" }
  http-request deny unless { var(txn.bearer),jwt_verify(txn.alg,"${pemFile}") 1 }
  default_backend service
backend service
  http-reuse always
  server one 127.0.0.1:${upstreamPort}
`,
    );
    return { command: ['haproxy', '-db', '-f', path] };
  },
};
