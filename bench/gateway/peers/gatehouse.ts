import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AUDIENCE, ISSUER } from '../issuer.ts';
import { NO_LIMIT, type Peer } from './peer.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Ours, as a standalone gateway. @param options.root - another clone whose gateway it is. */
export function gatehouse(options: { readonly isTls?: boolean; readonly root?: string }): Peer {
  const { isTls = false, root = ROOT } = options;
  return {
    isTls,
    start: ({ folder, port, adminPort, upstreamPort, jwksFile, tls }) => {
      const rule = { subject: 'SIGNED_IN', scopes: ['items:read'] };
      const file = {
        listen: {
          port,
          admin_port: adminPort,
          limit: { per_second: NO_LIMIT, burst: NO_LIMIT },
          max_connections_per_address: NO_LIMIT,
          ...(isTls ? { tls: { cert: tls.certFile, key: tls.keyFile } } : {}),
        },
        issuers: [{ issuer: ISSUER, audience: AUDIENCE, key_file: jwksFile }],
        upstreams: { service: { addresses: [`127.0.0.1:${upstreamPort}`] } },
        routes: [
          {
            ...{ name: 'items', path: '/{rest=**}', methods: ['GET', 'POST'] },
            ...{ rule, upstream: 'service' },
          },
        ],
      };
      const path = join(folder, 'gateway.yaml');
      writeFileSync(path, JSON.stringify(file));
      const program = join(root, 'apps/cli/bin/gatehouse.js');
      return {
        // The command becomes the gateway, under the same process id.
        command: [process.execPath, program, 'gateway', '--config', path],
        env: { GATEHOUSE_LOG_LEVEL: 'error' },
      };
    },
  };
}
