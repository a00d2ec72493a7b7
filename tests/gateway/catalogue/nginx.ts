import { type Attack, get, post, SMUGGLED, SMUGGLED_CHUNK, SMUGGLED_LENGTH } from './attack.ts';

const product = 'nginx';
/** A HEADERS frame of HTTP/2 for stream 1, as one who injects frames would write it. */
const FRAME = '\0\0\x0a\x01\x05\0\0\0\x01\x82\x87\x84admin';

/** Published for nginx. */
export const NGINX: readonly Attack[] = [
  {
    advisory: 'CVE-2026-42926',
    product,
    kind: 'smuggled requests',
    what: 'a body is written to the upstream without its framing, so that a part of it is read as frames',
    wire: 'http/1.1',
    outcome: 'neutralised',
    seen: false,
    variants: [
      post([`Content-Length: ${SMUGGLED_LENGTH}`], SMUGGLED),
      post(['Transfer-Encoding: chunked'], SMUGGLED_CHUNK),
      post([`Content-Length: ${FRAME.length}`], FRAME),
      post(['Transfer-Encoding: chunked'], `5\r\n0\r\n\r\n\r\n0\r\n\r\n`),
    ],
  },
  {
    advisory: 'CVE-2026-27654',
    product,
    kind: 'confused paths',
    what: 'COPY and MOVE reach outside the folder by a path or Destination with dots',
    wire: 'http/1.1',
    outcome: 'refused',
    seen: true,
    variants: [
      get('/public/../admin/secret', 'Destination: /public/a').replace('GET', 'COPY'),
      get('/public../admin/secret', 'Destination: /public/../admin/b').replace('GET', 'MOVE'),
    ],
  },
];
