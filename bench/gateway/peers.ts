/** The other gateways, each as one process on one core, set up as its own documentation says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AUDIENCE, ISSUER } from './issuer.ts';

/** What a gateway is told. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  readonly upstreamPort: number;
  readonly jwksFile: string;
  readonly pemFile: string;
}

/** What a gateway is started by, once its files are written. */
export type Peer = (place: Place) => {
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
};

const BARE_RELAY = fileURLToPath(new URL('bare-relay.ts', import.meta.url));
const FASTIFY = fileURLToPath(new URL('fastify-proxy.ts', import.meta.url));
const MAIN = fileURLToPath(
  new URL('../../services/gateway/src/standalone/main.ts', import.meta.url),
);
const MOST = 1_000_000;

export const PEERS: Readonly<Record<string, Peer>> = {
  gatehouse: (place) => {
    const { folder, port, adminPort, upstreamPort, jwksFile } = place;
    const rule = { subject: 'SIGNED_IN', scopes: ['items:read'] };
    const file = {
      listen: {
        port,
        admin_port: adminPort,
        limit: { per_second: MOST, burst: MOST },
        max_connections_per_address: MOST,
      },
      issuers: [{ issuer: ISSUER, audience: AUDIENCE, key_file: jwksFile }],
      upstreams: { service: { addresses: [`127.0.0.1:${upstreamPort}`] } },
      routes: [
        { name: 'items', path: '/{rest=**}', methods: ['GET', 'POST'], rule, upstream: 'service' },
      ],
    };
    const path = join(folder, 'gateway.yaml');
    writeFileSync(path, JSON.stringify(file));
    return {
      command: [process.execPath, MAIN, '--config', path],
      env: { GATEHOUSE_LOG_LEVEL: 'error' },
    };
  },
  nginx: ({ folder, port, upstreamPort }) => {
    const path = join(folder, 'nginx-proxy.conf');
    writeFileSync(path, nginxProxy(folder, port, upstreamPort));
    return { command: ['nginx', '-c', path] };
  },
  '@fastify/http-proxy + jose': ({ port, upstreamPort, jwksFile }) => ({
    command: [process.execPath, FASTIFY, `${port}`, `${upstreamPort}`, jwksFile],
    env: { NODE_ENV: 'production' },
  }),
  'bare node:net': ({ port, upstreamPort }) => ({
    command: [process.execPath, BARE_RELAY, `${port}`, `${upstreamPort}`],
  }),
  'haproxy + jwt_verify': ({ folder, port, upstreamPort, pemFile }) => {
    const path = join(folder, 'haproxy.cfg');
    writeFileSync(path, haproxy(port, upstreamPort, pemFile));
    return { command: ['haproxy', '-db', '-f', path] };
  },
};

/** Everything that a short-lived nginx may write stays in the folder. */
export function nginxHead(folder: string, name: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${folder}/${name}-${kind};`)
    .join('\n');
  return `daemon off;
master_process off;
pid ${folder}/${name}.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
${temporary}
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
`;
}

/** All in memory, so that no disk is measured. */
function nginxProxy(folder: string, port: number, upstreamPort: number): string {
  return `${nginxHead(folder, 'proxy')}
  client_body_buffer_size 64k;
  proxy_buffers 16 16k;
  upstream service { server 127.0.0.1:${upstreamPort}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

function haproxy(port: number, upstreamPort: number, pemFile: string): string {
  return `global
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
`;
}
