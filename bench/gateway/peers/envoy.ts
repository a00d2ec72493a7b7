import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIENCE, ISSUER } from '../issuer.ts';
import { fetchEnvoy } from './fetch.ts';
import { NO_LIMIT, type Peer, type Place } from './peer.ts';

const EXTENSIONS = 'type.googleapis.com/envoy.extensions';
/** All tokens of the bench stay in it, as they do in ours. */
const CACHED_TOKENS = 20_000;

/** Envoy with `jwt_authn`: key set from a file, verified tokens in its cache. One worker. */
export const envoy: Peer = {
  start: async (place) => {
    const path = join(place.folder, 'envoy.json');
    writeFileSync(path, JSON.stringify(configuration(place)));
    const flags = ['--concurrency', '1', '--disable-hot-restart', '--log-level', 'error'];
    return { command: [await fetchEnvoy(), '-c', path, ...flags] };
  },
};

function configuration(place: Place) {
  const listener = {
    address: address(place.port),
    filter_chains: [{ filters: [connectionManager(place)] }],
  };
  return { static_resources: { listeners: [listener], clusters: [cluster(place)] } };
}

function connectionManager({ jwksFile }: Place) {
  const provider = {
    issuer: ISSUER,
    audiences: [AUDIENCE],
    local_jwks: { filename: jwksFile },
    jwt_cache_config: { jwt_cache_size: CACHED_TOKENS },
  };
  const virtualHost = {
    name: 'all',
    domains: ['*'],
    routes: [{ match: { prefix: '/' }, route: { cluster: 'service' } }],
  };
  return typed('envoy.filters.network.http_connection_manager', {
    '@type': `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'edge',
    codec_type: 'HTTP1',
    route_config: { virtual_hosts: [virtualHost] },
    http_filters: [
      typed('envoy.filters.http.jwt_authn', {
        '@type': `${EXTENSIONS}.filters.http.jwt_authn.v3.JwtAuthentication`,
        providers: { bench: provider },
        rules: [{ match: { prefix: '/' }, requires: { provider_name: 'bench' } }],
      }),
      typed('envoy.filters.http.router', {
        '@type': `${EXTENSIONS}.filters.http.router.v3.Router`,
      }),
    ],
  });
}

function cluster({ upstreamPort }: Place) {
  const endpoint = { endpoint: { address: address(upstreamPort) } };
  const most = { max_connections: 1024, max_pending_requests: NO_LIMIT, max_requests: NO_LIMIT };
  return {
    name: 'service',
    type: 'STATIC',
    circuit_breakers: { thresholds: [most] },
    load_assignment: { cluster_name: 'service', endpoints: [{ lb_endpoints: [endpoint] }] },
  };
}

function address(port: number) {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}

function typed(name: string, config: object) {
  return { name, typed_config: config };
}
