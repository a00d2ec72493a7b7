import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS } from '@gatehouse/contracts';
import { readText, SMALL_FILE } from '../test-support/gateway-file.ts';
import { problemText } from './problem.ts';
import { readPlatformFile, readStandaloneFile } from './read-file.ts';

const FINE = {
  resolve: (path: string) => path,
  pemFault: () => undefined,
  keySetFault: () => undefined,
};

/** Each as `line:column: message hint`. */
function faults(text: string): readonly string[] {
  const reading = readText(text);
  if (reading.ok) return [];
  return reading.problems.map(
    ({ line, column, message, hint }) =>
      `${line}:${column}: ${[message, hint].filter(Boolean).join(' ')}`,
  );
}

/** The small file, with a line of it (from 1) replaced or followed by others. */
function withLine(line: number, text: string, keep = false): string {
  const lines = SMALL_FILE.split('\n');
  lines.splice(line - 1, 1, ...(keep ? [lines[line - 1] ?? ''] : []), text);
  return lines.join('\n');
}

test('a small file is read, with every default filled in', () => {
  const reading = readText(SMALL_FILE);
  assert.ok(reading.ok);
  const { routes, listen, issuers, passports } = reading.value;
  assert.deepEqual(routes.routes[0], {
    name: 'read-order',
    hosts: [],
    template: '/orders/{id}',
    methods: ['GET'],
    rule: {
      subject: 'SIGNED_IN',
      scopes: ['orders:read'],
      roles: [],
      authLevel: 0,
      callers: ['gateway'],
      carries: [],
      fresh: false,
      ignoreBearer: false,
    },
    upstream: 'shop',
    timeouts: { connectMs: 3000, firstByteMs: 30_000, idleMs: 60_000, totalMs: undefined },
    retries: 1,
    rewrite: {
      host: 'keep',
      requestHeaders: { set: new Map(), remove: new Set() },
      responseHeaders: { set: new Map(), remove: new Set() },
    },
    limit: undefined,
    maxBodyBytes: undefined,
    websocket: false,
  });
  assert.deepEqual(routes.upstreams.get('shop'), {
    name: 'shop',
    addresses: [{ host: '127.0.0.1', port: 3000 }],
    tls: undefined,
    health: { passive: { consecutiveFailures: 5, ejectMs: 1000, maxEjectMs: 30_000 } },
    slowStartMs: 10_000,
    maxConnectionsPerAddress: 256,
    keepAliveMs: 4000,
    retryBudget: { ratio: 0.2, minPerSecond: 3 },
    forwarding: 'x-forwarded',
  });
  assert.deepEqual([listen.address, listen.port, listen.adminPort], ['127.0.0.1', 8080, 7400]);
  assert.deepEqual([passports.issuer, passports.audience], ['gatehouse-gateway', 'internal']);
  assert.deepEqual(issuers[0]?.keys, { kind: 'discovery' });
  assert.deepEqual(issuers[0]?.scopeClaims, [['scope'], ['scp']]);
});

test('everything that can be said is read', () => {
  const reading = readText(`listen:
  address: "::"
  port: 0
  tls: { cert: edge.crt, key: edge.key }
  trusted_proxies: [10.0.0.0/8]
  cors_origins: [https://app.example]
  limit: { per_second: 10 }
issuers:
  - issuer: https://login.example/realms/shop
    audience: shop
    token_types: [at+jwt, none]
    require: { azp: web }
    roles_claim: [realm_access.roles, https://shop.example/roles]
    subject_prefix: "people:"
    auth_levels: { gold: 2 }
    max_age: 5m
    scopes: [orders:read, orders:write, ledger:write]
  - { issuer: http://localhost:9000, audience: staff, key_file: keys.json, subject_prefix: staff/, scopes: [] }
passports: { issuer: https://edge.example, audience: shop.internal, key_folder: keys, rotate_every: 2h }
upstreams:
  shop:
    addresses: ["shop_1:3000", "[::1]:3001"]
    tls: { ca: ca.pem, server_name: shop.internal, cert: c.pem, key: k.pem }
    health: { path: /healthz, interval: 1s, timeout: 500ms, unhealthy_after: 2, healthy_after: 1 }
    ejection: { failures: 3, for: 2s, at_most: 1m }
    forwarding: forwarded
routes:
  - name: write-order
    hosts: [shop.example, "*.shop.example"]
    path: /api/orders/{id}
    methods: [PUT, DELETE]
    rule: { subject: SIGNED_IN, scopes: [orders:write], roles: admin, auth_level: 2, carries: ledger:write }
    upstream: shop
    timeouts: { connect: 250ms, total: 2m }
    retries: 0
    rewrite:
      prefix: { from: /api, to: / }
      host: upstream
      request_headers: { set: { X-Shop: "one two" }, remove: [Cookie] }
      response_headers: { remove: [Server] }
    limit: { per_second: 5, burst: 2 }
    max_body: 10MB
`);
  assert.ok(reading.ok, JSON.stringify(reading));
  const { routes, issuers, listen, passports } = reading.value;
  const [route] = routes.routes;
  assert.deepEqual(route?.rewrite.prefix, { from: '/api', to: '/' });
  assert.deepEqual([...(route?.rewrite.requestHeaders.set ?? [])], [['x-shop', 'one two']]);
  assert.deepEqual([route?.maxBodyBytes, route?.timeouts.totalMs], [10_000_000, 120_000]);
  assert.deepEqual(route?.rule.roles, ['admin']);
  const upstream = routes.upstreams.get('shop');
  assert.deepEqual(upstream?.addresses, [
    { host: 'shop_1', port: 3000 },
    { host: '::1', port: 3001 },
  ]);
  assert.equal(upstream?.tls?.ca, '/etc/gateway/ca.pem');
  assert.equal(upstream?.health.active?.timeoutMs, 500);
  assert.deepEqual(issuers[0]?.rolesClaims, [
    ['realm_access', 'roles'],
    ['https://shop.example/roles'],
  ]);
  assert.deepEqual(issuers[0]?.tokenTypes, ['at+jwt', '']);
  assert.deepEqual(issuers[1]?.keys, { kind: 'file', path: '/etc/gateway/keys.json' });
  assert.deepEqual(
    [listen.limit, listen.tls?.cert],
    [{ perSecond: 10, burst: 0 }, '/etc/gateway/edge.crt'],
  );
  assert.equal(passports.rotateEveryMs, 7_200_000);
});

test('a message has line, column, what is wrong, and what was meant', () => {
  const text = withLine(11, '    upsteam: shop');
  const reading = readText(text);
  assert.ok(!reading.ok);
  assert.deepEqual(
    reading.problems.map((problem) => problemText(problem, { name: 'gateway.yaml', text })),
    [
      'gateway.yaml:7:5: An entry of "routes" needs "upstream".\n      - name: read-order\n        ^',
      'gateway.yaml:11:5: "upsteam" is not known in "routes". Did you mean "upstream"?\n        upsteam: shop\n        ^',
    ],
  );
});

test('all that is wrong comes at once, in the order of the file', () => {
  const text = SMALL_FILE.replace('issuer: https', 'issuer: http')
    .replace('127.0.0.1:3000', 'https://shop.internal')
    .replace('/orders/{id}', 'orders/:id')
    .replace('[GET]', '[GET, POTS]')
    .concat(
      '  - { name: read-order, path: /x, methods: [GET], rule: { subject: WORKLOAD }, upstream: shp }\n',
    )
    .concat(
      '  - { name: other, path: /y, methods: [GET], rule: { subject: ANYONE }, upstream: shp }\n',
    );
  assert.deepEqual(faults(text), [
    '2:13: Keys are fetched over https, or over http from this machine: else anybody could give them.',
    '5:23: "https://shop.internal" is not host:port. Write shop.internal:443, and "tls: {}" beside "addresses".',
    '9:20: An entry of "methods" must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS. Did you mean "POST"?',
    '12:68: "subject" must be ANYONE or SIGNED_IN.',
    '13:83: There is no upstream "shp". Did you mean "shop"?',
  ]);
});

const WRONG: readonly (readonly [what: string, text: string, fault: RegExp])[] = [
  ['nothing', '', /^1:1: The file must be a map/],
  ['a list', '- a', /^1:1: The file must be a map/],
  ['a byte order mark', `\uFEFF${SMALL_FILE}`, /^1:1: .*byte order mark/],
  ['not UTF-8', `a: \uFFFD`, /^1:1: .*not valid UTF-8/],
  ['a tab', withLine(8, '\tpath: /a'), /^8:1: A tab cannot indent/],
  ['an anchor', withLine(5, '  shop: &s { addresses: ["127.0.0.1:1"] }'), /^5:12: An anchor/],
  ['an alias bomb', `a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\n`, /^1:7: An anchor/],
  ['a tag', withLine(11, '    upstream: !!str shop'), /^11:21: A tag/],
  ['a merge key', withLine(11, '    <<: {}\n    upstream: shop'), /^11:5: A merge key/],
  ['two documents', `${SMALL_FILE}---\na: 1\n`, /second document/],
  [
    'a key twice',
    withLine(8, '    path: /a', true),
    /^9:5: "path" is a duplicate key: it is first on line 8/,
  ],
  ['deep nesting', '['.repeat(50_000), /nested too deeply/],
  ['too large', `#${'x'.repeat(1024 * 1024)}`, /larger than 1 MiB/],
  ['__proto__', `__proto__: {}\n${SMALL_FILE}`, /^1:1: "__proto__" is not known at the top/],
  [
    'constructor',
    withLine(11, '    constructor: {}', true),
    /"constructor" is not known in "routes"/,
  ],
  ['no rule', withLine(10, '    # none'), /^7:5: An entry of "routes" needs "rule"/],
  [
    'a number',
    withLine(11, '    upstream: 5'),
    /^11:15: "upstream" must be a string. Put it in quotes: "5"/,
  ],
  ['null', withLine(11, '    upstream:'), /"upstream" must be a string/],
  ['yes', withLine(11, '    websocket: yes', true), /must be true or false. Write true/],
  [
    'a time without unit',
    withLine(11, '    timeouts: { idle: 5 }', true),
    /^12:23: "idle" must be a duration with its unit/,
  ],
  [
    'a size without unit',
    withLine(11, '    max_body: "10"', true),
    /"max_body" must be a size with its unit/,
  ],
  ['no time at all', withLine(11, '    timeouts: { idle: 0s }', true), /"idle" is from 1ms to 24h/],
  ['too many retries', withLine(11, '    retries: 9', true), /"retries" must be from 0 to 5/],
  ['a half', withLine(11, '    retries: 1.5', true), /"retries" must be a whole number/],
  [
    'a host with a port',
    withLine(11, '    hosts: ["a.example:80"]', true),
    /host name in lower case without a port/,
  ],
  ['a host in upper case', withLine(11, '    hosts: [A.example]', true), /host name in lower case/],
  [
    'scopes for anyone',
    withLine(10, '    rule: { subject: ANYONE, scopes: a }'),
    /cannot ask for scopes.*Write SIGNED_IN/,
  ],
  [
    'bearer ignored',
    withLine(10, '    rule: { subject: SIGNED_IN, ignore_bearer: true }'),
    /to ANYONE only/,
  ],
  [
    'fresh',
    withLine(10, '    rule: { subject: SIGNED_IN, fresh: true }'),
    /has no revocation feed.*max_age/,
  ],
  [
    'roles of nobody',
    withLine(10, '    rule: { subject: SIGNED_IN, roles: admin }'),
    /Add "roles_claim"/,
  ],
  [
    'a level of nobody',
    withLine(10, '    rule: { subject: SIGNED_IN, auth_level: 1 }'),
    /Add "auth_levels"/,
  ],
  [
    'too many scopes',
    withLine(
      10,
      `    rule: { subject: SIGNED_IN, scopes: [${Array.from({ length: 60 }, (_, at) => `${at}`.padEnd(40, 'x'))}] }`,
    ),
    /room for 2048 characters/,
  ],
  [
    'a scope with a space',
    withLine(10, '    rule: { subject: SIGNED_IN, scopes: a b }'),
    /one scope without spaces/,
  ],
  [
    'an unknown scope',
    withLine(3, '    scopes: [orders:reed]', true),
    /No issuer gives the scope "orders:read". Did you mean "orders:reed"/,
  ],
  ['a socket of POST', withLine(9, '    methods: [POST]\n    websocket: true'), /begins with GET/],
  [
    'two issuers',
    withLine(3, '  - { issuer: https://b.example, audience: b }', true),
    /each needs a "subject_prefix"/,
  ],
  ['the prefix of nobody', withLine(3, '    subject_prefix: "anonymous:"', true), /short word/],
  ['a short rotation', `passports: { rotate_every: 1m }\n${SMALL_FILE}`, /from 10m to 2160h/],
  [
    'a bad proxy',
    `listen: { trusted_proxies: [10.0.0.0/99] }\n${SMALL_FILE}`,
    /^1:29: "10.0.0.0\/99" is neither an address/,
  ],
  [
    'a bad origin',
    `listen: { cors_origins: [https://a.example/] }\n${SMALL_FILE}`,
    /An origin is like/,
  ],
  [
    'two ways to keys',
    withLine(3, '    jwks_uri: https://a.example/k\n    key_file: k.json', true),
    /exclude each other/,
  ],
  ['keys over http', withLine(3, '    jwks_uri: http://a.example/k', true), /over https/],
  [
    'our own path',
    withLine(8, '    path: /.well-known/txn-jwks.json'),
    /served by the gateway itself/,
  ],
  [
    'half a pair',
    withLine(5, '  shop: { addresses: ["a:1"], tls: { cert: c.pem } }'),
    /"cert" and "key" go together/,
  ],
  [
    'health of elsewhere',
    withLine(5, '  shop: { addresses: ["a:1"], health: { path: /a/../b } }'),
    /dot segment/,
  ],
];

for (const [what, text, fault] of WRONG) {
  test(`a file with ${what} is refused, with the place`, () => {
    const said = faults(text);
    assert.ok(
      said.some((line) => fault.test(line)),
      said.join('\n') || 'nothing was wrong',
    );
  });
}

test('a path says what to write where other tools write it differently', () => {
  const hints: readonly (readonly [string, RegExp])[] = [
    ['orders', /begins with a slash. Write "\/orders"/],
    ['/orders/:id', /Write \{id\}/],
    ['/files/*', /Write \{path=\*\*\}/],
    ['/files/**', /Write \{path=\*\*\}/],
    ['/files/{name}.json', /a variable is a whole segment/],
    ['/{a}/{a}', /\{a\} comes twice/],
    ['/{a=**}/b', /must be the last segment/],
    ['/{a-b}', /letters, digits/],
    ['/a//b', /empty segment/],
    ['/a/../b', /dot segment/],
    ['/a%2Fb', /written decoded/],
    ['/a;b', /character that may not stand/],
    ['/a?b', /character that may not stand/],
    ['/ä', /character that may not stand/],
  ];
  for (const [path, fault] of hints) {
    const said = faults(withLine(8, `    path: "${path}"`)).join('\n');
    assert.match(said, /^8:11: /, path);
    assert.match(said, fault, path);
  }
});

test('a rewrite cannot reopen what the canonical request closed', () => {
  const rewrites = [
    '{ prefix: { from: /orders, to: /a/../b } }',
    '{ prefix: { from: /orders, to: /a/%2e%2e/b } }',
    '{ prefix: { from: /orders, to: //evil.example } }',
    '{ prefix: { from: /orders, to: "/a?x=" } }',
    '{ prefix: { from: /orders, to: "/a#" } }',
    '{ prefix: { from: /orders, to: "/a;b" } }',
    '{ prefix: { from: /orders, to: "/a b" } }',
    '{ prefix: { from: /orders, to: /a/ } }',
    '{ prefix: { from: /orders, to: a } }',
    '{ prefix: { from: /orders, to: /{id} } }',
    '{ prefix: { from: /order, to: / } }',
    '{ prefix: { from: /orders/{id}, to: / } }',
    '{ request_headers: { set: { Host: a } } }',
    '{ request_headers: { set: { Txn-Token: a } } }',
    '{ request_headers: { set: { txn_token: a } } }',
    '{ request_headers: { set: { Txn-Token-2: a } } }',
    '{ request_headers: { set: { Authorization: a } } }',
    '{ request_headers: { set: { X-Forwarded-For: a } } }',
    '{ request_headers: { set: { X_Forwarded_For: a } } }',
    '{ request_headers: { set: { x.real.ip: a } } }',
    '{ request_headers: { set: { Forwarded: a } } }',
    '{ request_headers: { set: { Content-Length: "1" } } }',
    '{ request_headers: { set: { Transfer-Encoding: chunked } } }',
    '{ request_headers: { set: { Connection: close } } }',
    '{ request_headers: { set: { Upgrade: h2c } } }',
    '{ request_headers: { set: { TE: trailers } } }',
    '{ request_headers: { set: { Expect: 100-continue } } }',
    '{ request_headers: { set: { "X-A ": a } } }',
    '{ request_headers: { set: { "X-A:B": a } } }',
    '{ request_headers: { set: { "": a } } }',
    '{ request_headers: { set: { "X\\nA": a } } }',
    '{ request_headers: { set: { X-A: "a\\r\\nX-B: b" } } }',
    '{ request_headers: { set: { X-A: "a\\0" } } }',
    '{ request_headers: { set: { X-A: " a" } } }',
    '{ request_headers: { set: { X-A: "ä" } } }',
    '{ request_headers: { set: { X-A: a, x-a: b } } }',
    '{ request_headers: { remove: [Host] } }',
    '{ request_headers: { remove: [txn-token] } }',
    '{ response_headers: { set: { Content-Length: "0" } } }',
    '{ response_headers: { set: { Transfer-Encoding: chunked } } }',
    '{ response_headers: { remove: [Connection] } }',
    '{ response_headers: { set: { Txn-Token: a } } }',
    '{ path: /x }',
  ];
  for (const rewrite of rewrites) {
    assert.notDeepEqual(faults(withLine(11, `    rewrite: ${rewrite}`, true)), [], rewrite);
  }
  const fine =
    '{ prefix: { from: /orders, to: /v2/orders }, response_headers: { set: { Cache-Control: no-store } } }';
  assert.deepEqual(faults(withLine(11, `    rewrite: ${fine}`, true)), []);
});

test('two routes may not answer the same request, and each is told where the other is', () => {
  const more = (path: string, methods: string, hosts = '[]'): readonly string[] =>
    faults(
      `${SMALL_FILE}  - { name: second, hosts: ${hosts}, path: ${path}, methods: ${methods}, rule: { subject: ANYONE }, upstream: shop }\n`,
    );
  assert.match(
    more('"/orders/{key}"', '[GET]')[0] ?? '',
    /^12:\d+: This matches what "read-order" on line 8 matches/,
  );
  assert.deepEqual(more('"/orders/{key}"', '[POST]'), []);
  assert.deepEqual(more('"/orders/{key=**}"', '[GET]'), []);
  assert.deepEqual(more('"/orders/{key}"', '[GET]', '[a.example]'), []);
});

test('a file that is named and cannot be used is told at its line', () => {
  const text = withLine(5, '  shop: { addresses: ["a:1"], tls: { ca: ca.pem } }');
  const reading = readStandaloneFile(text, {
    ...FINE,
    pemFault: (path) => `There is no file ${path}.`,
  });
  assert.ok(!reading.ok);
  assert.deepEqual(reading.problems, [
    { line: 5, column: 42, message: 'There is no file ca.pem.' },
  ]);
});

test('the file of a platform has routes and upstreams only, and no path of a contract', () => {
  const platform = (text: string) => {
    const reading = readPlatformFile(text, { files: FINE, contracts: METHODS });
    return reading.ok ? [] : reading.problems.map(({ message }) => message);
  };
  const own = SMALL_FILE.split('\n').slice(3).join('\n');
  assert.deepEqual(platform(own), []);
  assert.match(platform(SMALL_FILE)[0] ?? '', /"issuers" is not known at the top/);
  const contract = own.replace('/orders/{id}', '/board/v1/posts/{id}');
  assert.match(
    platform(contract)[0] ?? '',
    /served by gatehouse\.board\.v1\.BoardService\/GetPost/,
  );
  assert.deepEqual(platform(own.replace('/orders/{id}', '/board/{path=**}')), []);
  assert.deepEqual(platform(own.replace('scopes: orders:read', 'fresh: true')), []);
});
