/** Good requests with a few bytes changed. */
import type { Random } from '@gatehouse/wire/test-support';

const GOOD: readonly string[] = [
  'GET /a/b?c=d HTTP/1.1\r\nHost: edge\r\n\r\n',
  'GET / HTTP/1.0\r\nX-A: 1\r\n\r\n',
  'HEAD /a HTTP/1.1\r\nHost: edge\r\nAccept: */*\r\nX-Empty:\r\nX-B: \t a b \t\r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: edge\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello',
  'POST /a HTTP/1.1\r\nHost: edge\r\nContent-Length: 0\r\n\r\nGET /next HTTP/1.1\r\nHost: edge\r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: edge\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'PUT /a HTTP/1.1\r\nHost: edge\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: edge\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok',
  'GET /1 HTTP/1.1\r\nHost: edge\r\n\r\nPOST /2 HTTP/1.1\r\nHost: edge\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n',
  'GET /ws HTTP/1.1\r\nHost: edge\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'DELETE /a HTTP/1.1\r\nHost: edge\r\nConnection: keep-alive, x-a\r\nX-A: 1\r\nCookie: a=1\r\n\r\n',
];
const SPLINTERS: readonly string[] = [
  ...['\r', '\n', '\r\n', ' ', '\t', ':', ';', ',', '0', '1', 'f', '-', '+', '\0', '\x0b', '\x7f'],
  ...['\x80', '\xff', 'chunked', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', '"'],
  ...[
    'Transfer-Encoding: identity\r\n',
    'content-length: 5\r\n',
    'Connection: close\r\n',
    '/',
    '?',
  ],
  ...[
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    '\r\n\r\n',
    ' HTTP/1.1',
    'HTTP/1.0',
    'Host: b\r\n',
    '%',
    '=',
  ],
];

/** One, chosen and changed in one or two places. */
export function mutatedRequest(random: Random): string {
  const good = GOOD[random(GOOD.length)] ?? '';
  return mutate(random(2) === 0 ? good : mutate(good, random), random);
}

function mutate(text: string, random: Random): string {
  const at = random(text.length + 1);
  const splinter = SPLINTERS[random(SPLINTERS.length)] ?? '';
  const cut = [0, 1 + random(3), 1][random(3)] ?? 0;
  return text.slice(0, at) + (random(3) === 0 ? '' : splinter) + text.slice(at + cut);
}
