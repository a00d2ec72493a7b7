import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AUDIENCE, ISSUER } from '../issuer.ts';
import { fetchOathkeeper } from './fetch.ts';
import type { Peer, Place } from './peer.ts';

/** Oathkeeper's proxy: the JWT authenticator checks, the id_token mutator mints. On one core. */
export const oathkeeper: Peer = {
  start: async (place) => {
    const path = join(place.folder, 'oathkeeper.json');
    const rulesPath = join(place.folder, 'oathkeeper-rules.json');
    writeFileSync(rulesPath, JSON.stringify([rule(place)]));
    writeFileSync(path, JSON.stringify(configuration(place, rulesPath)));
    return {
      command: [await fetchOathkeeper(), 'serve', '--config', path, '--sqa-opt-out'],
      env: { GOMAXPROCS: '1' },
    };
  },
};

function configuration({ port, adminPort, jwksFile, signingKeysFile }: Place, rulesPath: string) {
  const keySet = pathToFileURL(jwksFile).href;
  return {
    log: { level: 'error' },
    serve: {
      proxy: { host: '127.0.0.1', port },
      api: { host: '127.0.0.1', port: adminPort },
      prometheus: { host: '127.0.0.1', port: 0 },
    },
    access_rules: { repositories: [pathToFileURL(rulesPath).href] },
    authenticators: {
      jwt: {
        enabled: true,
        config: {
          jwks_urls: [keySet],
          trusted_issuers: [ISSUER],
          target_audience: [AUDIENCE],
          allowed_algorithms: ['RS256'],
        },
      },
    },
    authorizers: { allow: { enabled: true } },
    mutators: {
      id_token: {
        enabled: true,
        config: {
          issuer_url: 'https://edge.example/',
          jwks_url: pathToFileURL(signingKeysFile).href,
          ttl: '60s',
        },
      },
    },
    errors: { handlers: { json: { enabled: true } } },
  };
}

function rule({ port, upstreamPort }: Place) {
  return {
    id: 'items',
    match: { url: `http://127.0.0.1:${port}/<.*>`, methods: ['GET', 'POST'] },
    upstream: { url: `http://127.0.0.1:${upstreamPort}` },
    authenticators: [{ handler: 'jwt' }],
    authorizer: { handler: 'allow' },
    mutators: [{ handler: 'id_token' }],
  };
}
