import { SPOOF } from '../support/judge.ts';
import { AFTER_CHUNKS, type Attack, get, post, SMUGGLED } from './attack.ts';

const product = 'Go, below Traefik and Oathkeeper';
const wire = 'http/1.1';

/** Published for Go's `net/http`, on which Traefik and Oathkeeper stand. */
export const GO_PARSER: readonly Attack[] = [
  {
    advisory: 'CVE-2021-33197',
    product,
    kind: 'hop-by-hop headers',
    what: 'of two Connection headers the first, empty one counts, and hop-by-hop headers go on',
    wire,
    outcome: 'neutralised',
    seen: true,
    variants: [
      get('/public/a', 'Connection:', 'Connection: X-Private', 'Keep-Alive: timeout=5'),
      get('/public/a', 'Connection:', 'TE: trailers', 'Proxy-Authorization: Basic YTpi'),
      get('/public/a', 'Connection: ', 'Proxy-Connection: keep-alive', `X-Real-Ip: ${SPOOF}`),
    ],
  },
  {
    advisory: 'CVE-2022-1705',
    product,
    kind: 'smuggled requests',
    what: 'a Transfer-Encoding that is not chunked, but looks like it, is taken for it',
    wire,
    outcome: 'refused',
    seen: true,
    variants: [
      post(['Transfer-Encoding: \x0bchunked'], AFTER_CHUNKS),
      post(['Transfer-Encoding: xchunked'], AFTER_CHUNKS),
      post(['Transfer-Encoding: chunked;q=1'], AFTER_CHUNKS),
      post(['Transfer-Encoding: chunked,'], AFTER_CHUNKS),
    ],
  },
  {
    advisory: 'CVE-2022-2880',
    product,
    kind: 'confused paths',
    what: 'a query that one cannot read is handed on, and the other reads it',
    wire,
    outcome: 'neutralised',
    seen: false,
    variants: [get('/public/a?a=1;b=2'), get('/public/a?a=%zz'), get('/public/a?a=%')],
  },
  {
    advisory: 'CVE-2022-41721',
    product,
    kind: 'smuggled requests',
    what: 'after an upgrade to HTTP/2 in the clear, a body is read as frames',
    wire,
    outcome: 'refused',
    seen: true,
    variants: [
      get(
        '/public/a',
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAAQAAP__',
      ),
      post(['Connection: Upgrade', 'Upgrade: h2c', `Content-Length: ${SMUGGLED.length}`], SMUGGLED),
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${SMUGGLED}`,
    ],
  },
  {
    advisory: 'CVE-2023-29406',
    product,
    kind: 'confused hosts',
    what: 'a Host that is no host is written as it is, and becomes headers or requests',
    wire,
    outcome: 'refused',
    seen: false,
    variants: [
      get('/public/a').replace('edge', 'edge/../admin'),
      get('/public/a').replace('edge', 'a b'),
      get('/public/a').replace('edge', 'edge@guarded.example'),
      get('/public/a').replace('edge', 'edge?x'),
      get('/public/a').replace('edge', ''),
    ],
  },
  {
    advisory: 'CVE-2025-22871',
    product,
    kind: 'smuggled requests',
    what: 'LF alone ends the line of a chunk size',
    wire,
    outcome: 'refused',
    seen: true,
    variants: [
      post(['Transfer-Encoding: chunked'], `0\n\r\n${SMUGGLED}`),
      post(['Transfer-Encoding: chunked'], `1\nx\r\n${AFTER_CHUNKS}`),
      post(['Transfer-Encoding: chunked'], `1;a\nx\r\n${AFTER_CHUNKS}`),
      post(['Transfer-Encoding: chunked'], `1\r\nx\n${AFTER_CHUNKS}`),
    ],
  },
  {
    advisory: 'CVE-2023-45288',
    product,
    kind: 'floods',
    what: 'headers beyond the limit are read for ever, frame by frame',
    wire: 'test',
    outcome: 'refused',
  },
];
