/** Responses as an upstream may and may not send them. */
import type { Asked } from '../response/response-head.ts';

interface Response {
  readonly name: string;
  readonly asked?: Partial<Asked>;
  /** In Latin-1. */
  readonly bytes: string;
}

interface GoodResponse extends Response {
  /** Its body ends with the connection. */
  readonly untilClose?: true;
  readonly expected: {
    readonly status: number;
    readonly body: string;
    readonly headers?: readonly string[];
    readonly trailers?: readonly string[];
    readonly interim?: readonly number[];
  };
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

export const VALID: readonly GoodResponse[] = [
  {
    name: 'a length',
    bytes: `${OK}Content-Type: text/plain\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello`,
    expected: { status: 200, body: 'hello', headers: ['Content-Type', 'text/plain', 'X-A', '1'] },
  },
  {
    name: 'a length of nothing',
    bytes: `${OK}content-length:0\r\n\r\n`,
    expected: { status: 200, body: '', headers: [] },
  },
  {
    name: 'no reason',
    bytes: 'HTTP/1.1 404 \r\nContent-Length: 1\r\n\r\nx',
    expected: { status: 404, body: 'x' },
  },
  {
    name: 'no reason and no blank',
    bytes: 'HTTP/1.1 404\r\nContent-Length: 1\r\n\r\nx',
    expected: { status: 404, body: 'x' },
  },
  {
    name: 'a reason in another alphabet',
    bytes: 'HTTP/1.1 200 \u00c4\u00d6\tx\r\nContent-Length: 1\r\n\r\nx',
    expected: { status: 200, body: 'x' },
  },
  {
    name: 'values with blanks around and inside, empty ones, and names alike',
    bytes: `${OK}Set-Cookie: a=1\r\nX-B: \t a b\tc \t\r\nX-E:\r\nX-F: \u00fc\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n`,
    expected: {
      status: 200,
      body: '',
      headers: [
        ...['Set-Cookie', 'a=1', 'X-B', 'a b\tc', 'X-E', '', 'X-F', '\u00fc', 'set-cookie', 'b=2'],
      ],
    },
  },
  {
    name: 'chunks',
    bytes: `${CHUNKED}5\r\nhello\r\n00A\r\n, world 12\r\n1\r\n!\r\n0\r\n\r\n`,
    expected: { status: 200, body: 'hello, world 12!', headers: [], trailers: [] },
  },
  {
    name: 'chunks with extensions',
    bytes: `${CHUNKED}2;a=b;c="d \\" e"\r\nok\r\n000;last\r\n\r\n`,
    expected: { status: 200, body: 'ok' },
  },
  {
    name: 'chunks whose data look like framing',
    bytes: `${CHUNKED}7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n`,
    expected: { status: 200, body: '\r\n0\r\n\r\n' },
  },
  {
    name: 'no chunk but the last',
    bytes: `${CHUNKED}0\r\n\r\n`,
    expected: { status: 200, body: '' },
  },
  {
    name: 'trailers, of which some may not be any',
    bytes: `${CHUNKED}2\r\nok\r\n0\r\nX-Sum: 1\r\nContent-Length: 7\r\nSet-Cookie: a\r\nX-T: 2\r\n\r\n`,
    expected: { status: 200, body: 'ok', trailers: ['X-Sum', '1', 'X-T', '2'] },
  },
  {
    name: 'interim responses',
    bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
    expected: { status: 200, body: 'ok', interim: [100, 103] },
  },
  {
    name: 'the response to HEAD',
    asked: { method: 'HEAD' },
    bytes: `${OK}Content-Length: 500\r\n\r\n`,
    expected: { status: 200, body: '', headers: [] },
  },
  {
    name: 'the response to HEAD, in chunks that do not come',
    asked: { method: 'HEAD' },
    bytes: CHUNKED,
    expected: { status: 200, body: '' },
  },
  {
    name: 'the response to HEAD, with neither',
    asked: { method: 'HEAD' },
    bytes: `${OK}\r\n`,
    expected: { status: 200, body: '' },
  },
  {
    name: 'no content',
    bytes: 'HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n',
    expected: { status: 204, body: '', headers: ['X', '1'] },
  },
  {
    name: 'no content, and a length that says so',
    bytes: 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    expected: { status: 204, body: '' },
  },
  {
    name: 'not modified',
    bytes: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\nETag: "a"\r\n\r\n',
    expected: { status: 304, body: '', headers: ['ETag', '"a"'] },
  },
  {
    name: 'until close',
    untilClose: true,
    bytes: `${OK}Connection: close\r\n\r\nhello`,
    expected: { status: 200, body: 'hello', headers: [] },
  },
  {
    name: 'HTTP/1.0 until close',
    untilClose: true,
    bytes: 'HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello',
    expected: { status: 200, body: 'hello', headers: ['Server', 'old'] },
  },
  {
    name: 'HTTP/1.0 with a length',
    bytes: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
    expected: { status: 200, body: 'ok' },
  },
  {
    name: 'what is for this connection only, and what it names',
    bytes: `${OK}Connection: Keep-Alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nProxy-Authenticate: Basic\r\nUpgrade: h2c\r\nx-hop: 2\r\nX: 3\r\nContent-Length: 0\r\n\r\n`,
    expected: { status: 200, body: '', headers: ['X', '3'] },
  },
  {
    name: 'a change of protocol that was asked for',
    asked: { upgrade: 'websocket' },
    bytes:
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: x\r\n\r\n',
    expected: { status: 101, body: '', headers: ['Sec-WebSocket-Accept', 'x'] },
  },
];

const head = (name: string, lines: string): Response => ({
  name,
  bytes: `${OK}${lines}\r\n\r\nhello`,
});
const chunks = (name: string, body: string): Response => ({ name, bytes: `${CHUNKED}${body}` });
const raw = (name: string, bytes: string): Response => ({ name, bytes });

export const INVALID: readonly Response[] = [
  raw('another protocol', 'SSH-2.0-OpenSSH\r\n'),
  raw('a blank line in front', `\r\n${OK}Content-Length: 0\r\n\r\n`),
  raw('HTTP/2.0', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('HTTP/1.2', 'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('HTTP/0.9', 'hello, I have no head'),
  raw('a lower-case protocol', 'http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('two blanks', 'HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('a status beyond', 'HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('a status below', 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('a signed status', 'HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n'),
  raw('a NUL in the reason', 'HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n'),
  raw('a bare LF behind the status', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'),
  raw('a bare CR in the reason', 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n'),
  head('a bare LF behind a value', 'X: 1\nContent-Length: 5'),
  head('a bare CR in a value', 'X: 1\rContent-Length: 5'),
  head('a NUL in a value', 'X: a\0b\r\nContent-Length: 5'),
  head('a DEL in a value', 'X: a\u007fb\r\nContent-Length: 5'),
  head('a folded value', 'X: 1\r\n 2\r\nContent-Length: 5'),
  head('a value folded with a tab', 'X: 1\r\n\t2\r\nContent-Length: 5'),
  head('a fold in front', ' X: 1\r\nContent-Length: 5'),
  head('a blank before the colon', 'Content-Length : 5'),
  head('a tab before the colon', 'Transfer-Encoding\t: chunked'),
  head('no colon', 'X\r\nContent-Length: 5'),
  head('no name', ': 1\r\nContent-Length: 5'),
  head('a name with a blank', 'X Y: 1\r\nContent-Length: 5'),
  head('a name that is no token', 'X(Y: 1\r\nContent-Length: 5'),
  head('a name of another alphabet', 'X\u00fc: 1\r\nContent-Length: 5'),
  head('two lengths alike', 'Content-Length: 5\r\nContent-Length: 5'),
  head('two lengths', 'Content-Length: 5\r\nContent-Length: 6'),
  head('a list of lengths', 'Content-Length: 5, 5'),
  head('a signed length', 'Content-Length: +5'),
  head('a negative length', 'Content-Length: -5'),
  head('a length in hex', 'Content-Length: 0x5'),
  head('a length with a zero in front', 'Content-Length: 05'),
  head('a length with a blank inside', 'Content-Length: 5 5'),
  head('an empty length', 'Content-Length:'),
  head('a length with a fraction', 'Content-Length: 5.0'),
  head('a length beyond what counts exactly', 'Content-Length: 9007199254740993'),
  head('length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'),
  head('chunks and length', 'Transfer-Encoding: chunked\r\nContent-Length: 5'),
  head('two encodings', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
  head('an encoding before chunked', 'Transfer-Encoding: gzip, chunked'),
  head('chunked twice', 'Transfer-Encoding: chunked, chunked'),
  head('an encoding behind chunked', 'Transfer-Encoding: chunked, identity'),
  head('identity', 'Transfer-Encoding: identity'),
  head('an unknown encoding', 'Transfer-Encoding: xchunked'),
  head('an encoding with a sign', 'Transfer-Encoding: chunked;q=1'),
  head('an empty encoding', 'Transfer-Encoding:'),
  head('an encoding with a vertical tab', 'Transfer-Encoding: \u000bchunked'),
  head('neither, on a connection that stays', 'X: 1'),
  raw('chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  raw('a body for no content', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello'),
  raw(
    'chunks for no content',
    'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ),
  raw('a body for an interim response', 'HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello'),
  raw(
    'an upgrade not asked for',
    'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  ),
  {
    name: 'an upgrade to another protocol',
    asked: { upgrade: 'websocket' },
    bytes: 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
  },
  {
    name: 'an upgrade that the connection does not name',
    asked: { upgrade: 'websocket' },
    bytes: 'HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n',
  },
  chunks('a size that is none', 'x\r\nhello\r\n0\r\n\r\n'),
  chunks('no size', '\r\nhello\r\n0\r\n\r\n'),
  chunks('an extension and no size', ';a=b\r\nhello\r\n0\r\n\r\n'),
  chunks('a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'),
  chunks('a signed size', '+5\r\nhello\r\n0\r\n\r\n'),
  chunks('a negative size', '-5\r\nhello\r\n0\r\n\r\n'),
  chunks('a blank in front of a size', ' 5\r\nhello\r\n0\r\n\r\n'),
  chunks('a blank behind a size', '5 \r\nhello\r\n0\r\n\r\n'),
  chunks('an underscore in a size', '0_5\r\nhello\r\n0\r\n\r\n'),
  chunks('a size that overflows 64 bits', '10000000000000005\r\nhello\r\n0\r\n\r\n'),
  chunks('a size with too many zeros in front', `${'0'.repeat(14)}5\r\nhello\r\n0\r\n\r\n`),
  chunks('a bare LF behind a size', '5\nhello\r\n0\r\n\r\n'),
  chunks('a bare CR behind a size', '5\rhello\r\n0\r\n\r\n'),
  chunks('a bare LF in an extension', '5;a\nb\r\nhello\r\n0\r\n\r\n'),
  chunks('a bare CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'),
  chunks('a NUL in an extension', '5;\0\r\nhello\r\n0\r\n\r\n'),
  chunks('an extension without end', `5;${'a'.repeat(257)}\r\nhello\r\n0\r\n\r\n`),
  chunks('data longer than the size', '5\r\nhello!\r\n0\r\n\r\n'),
  chunks('data shorter than the size', '5\r\nhell\r\n0\r\n\r\n'),
  chunks('a bare LF behind data', '5\r\nhello\n0\r\n\r\n'),
  chunks('two other bytes behind data', '5\r\nhelloXX0\r\n\r\n'),
  chunks('no end', '5\r\nhello\r\n'),
  chunks('a bare LF at the end', '0\r\n\n'),
  chunks('a trailer without a colon', '0\r\nX\r\n\r\n'),
  chunks('a trailer with a bare LF', '0\r\nX: 1\n\r\n'),
  chunks('a folded trailer', '0\r\nX: 1\r\n 2\r\n\r\n'),
  chunks('a trailer with a NUL', '0\r\nX: \0\r\n\r\n'),
  chunks('trailers without end', '0\r\nX: 1\r\n'),
];
