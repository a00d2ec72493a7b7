import { SPOOF } from '../support/judge.ts';
import { type Attack, fields, get, post, SMUGGLED, SMUGGLED_LENGTH } from './attack.ts';

const product = 'HAProxy';

/** Published for HAProxy. */
export const HAPROXY: readonly Attack[] = [
  {
    advisory: 'CVE-2021-39240',
    product,
    kind: 'confused paths',
    what: 'scheme and path of HTTP/2 are taken unread, so that another authority or path is made of them',
    wire: 'http/2',
    outcome: 'refused',
    variants: [
      { fields: fields({ ':scheme': 'http://edge/admin/secret?' }) },
      { fields: fields({ ':path': 'admin/secret' }) },
      { fields: fields({ ':path': '@guarded.example/admin/secret' }) },
      { fields: fields({ ':path': '' }) },
    ],
  },
  {
    advisory: 'CVE-2021-39241',
    product,
    kind: 'smuggled requests',
    what: 'a method of HTTP/2 with a space in it becomes a request line of its own',
    wire: 'http/2',
    outcome: 'refused',
    variants: [
      { fields: fields({ ':method': 'GET /admin/secret HTTP/1.1\r\nX-A:' }) },
      { fields: fields({ ':method': 'GET /admin/secret?' }) },
      { fields: fields({ ':method': 'GET\t/admin/secret' }) },
    ],
  },
  {
    advisory: 'CVE-2021-39242',
    product,
    kind: 'confused hosts',
    what: 'Host and :authority of HTTP/2 differ, and each is believed by someone',
    wire: 'http/2',
    outcome: 'refused',
    variants: [
      { fields: fields({ ':path': '/tenant/a' }, ['host', 'guarded.example']) },
      {
        fields: fields({ ':authority': 'guarded.example', ':path': '/tenant/a' }, ['host', 'edge']),
      },
      { fields: fields({}, ['host', `${SPOOF}.example`]) },
    ],
  },
  {
    advisory: 'CVE-2021-40346',
    product,
    kind: 'smuggled requests',
    what: 'a header name longer than 256 characters becomes a second Content-Length',
    wire: 'http/1.1',
    outcome: 'neutralised',
    seen: false,
    variants: [
      post([`Content-Length0${'a'.repeat(255)}:`, `Content-Length: ${SMUGGLED_LENGTH}`], SMUGGLED),
      post(
        [`Content-Length: ${SMUGGLED_LENGTH}`, `Content-Length0${'a'.repeat(255)}: 0`],
        SMUGGLED,
      ),
    ],
  },
  {
    advisory: 'CVE-2023-25725',
    product,
    kind: 'smuggled requests',
    what: 'a header without a name ends the list, and those after it are not seen',
    wire: 'http/1.1',
    outcome: 'refused',
    seen: true,
    variants: [
      post([': x', `Content-Length: ${SMUGGLED_LENGTH}`], SMUGGLED),
      post([':', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`),
      get('/public/a', ': x', `Txn-Token: ${SPOOF}`),
    ],
  },
  {
    advisory: 'CVE-2023-40225',
    product,
    kind: 'smuggled requests',
    what: 'an empty Content-Length is handed on, and the next server makes 0 of it, or all',
    wire: 'http/1.1',
    outcome: 'refused',
    seen: true,
    variants: [
      post(['Content-Length:'], SMUGGLED),
      post(['Content-Length: '], SMUGGLED),
      post([`Content-Length: ${SMUGGLED_LENGTH}`, 'Content-Length: '], SMUGGLED),
      post(['Content-Length: , 0'], SMUGGLED),
    ],
  },
  {
    advisory: 'CVE-2023-45539',
    product,
    kind: 'confused paths',
    what: '# is part of the path for one, and its end for the other',
    wire: 'http/1.1',
    outcome: 'refused',
    seen: true,
    variants: [
      get('//admin/secret#.png'),
      get('/public/../admin/secret#.png'),
      get('/public/a#/../../admin/secret'),
      get('/public#/admin/secret'),
    ],
  },
  {
    advisory: 'CVE-2026-33555',
    product,
    kind: 'smuggled requests',
    what: 'a stream that ends before its announced length leaves the upstream waiting, and the next request becomes a body',
    wire: 'http/2',
    outcome: 'refused',
    variants: [
      { fields: fields({ ':method': 'POST' }, ['content-length', '60']) },
      { fields: fields({ ':method': 'POST' }, ['content-length', '60']), body: 'short' },
      { fields: fields({ ':method': 'POST' }, ['content-length', '2']), body: 'longer' },
      { fields: fields({}, ['content-length', '9']) },
    ],
  },
  {
    advisory: 'CVE-2022-0711',
    product,
    kind: 'smuggled answers',
    what: 'an answer with Set-Cookie2 makes the proxy loop for ever',
    wire: 'answer',
    outcome: 'neutralised',
    variants: [
      'HTTP/1.1 200 OK\r\nSet-Cookie2: a=1\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.1 200 OK\r\nSet-Cookie2:\r\nSet-Cookie2: ;;,,\r\nContent-Length: 2\r\n\r\nok',
    ],
  },
];
