import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from './peer.ts';

const HINT = 'On Debian: apt-get install nginx';

/** nginx proxies and looks at nothing. */
export function nginx({ isTls = false }: { readonly isTls?: boolean } = {}): Peer {
  return {
    isTls,
    hint: HINT,
    start: ({ folder, port, upstreamPort, tls }) => {
      const certificate = `ssl_certificate ${tls.certFile}; ssl_certificate_key ${tls.keyFile};`;
      const path = join(folder, 'nginx-proxy.conf');
      writeFileSync(
        path,
        // All in memory, so that no disk is measured.
        `${nginxHead(folder, 'proxy')}
  client_body_buffer_size 64k;
  proxy_buffers 16 16k;
  upstream service { server 127.0.0.1:${upstreamPort}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port}${isTls ? ' ssl' : ''};
    ${isTls ? certificate : ''}
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`,
      );
      return { command: ['nginx', '-c', path] };
    },
  };
}

/** Bytes of 1 kB and 100 kB from memory; a body that is posted is read and thrown away. */
export const nginxUpstream: Peer = {
  hint: HINT,
  start: ({ folder, port }) => {
    writeFileSync(join(folder, '1k'), 'x'.repeat(1024));
    writeFileSync(join(folder, '100k'), 'x'.repeat(102_400));
    const path = join(folder, 'upstream.conf');
    writeFileSync(
      path,
      `${nginxHead(folder, 'upstream')}
  open_file_cache max=10;
  client_body_buffer_size 64k;
  server {
    listen 127.0.0.1:${port};
    root ${folder};
    location = /posted { return 200 "ok"; }
  }
}
`,
    );
    return { command: ['nginx', '-c', path] };
  },
};

/** Everything that a short-lived nginx may write stays in the folder. */
function nginxHead(folder: string, name: string): string {
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
