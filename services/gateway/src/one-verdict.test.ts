/**
 * The same bytes get the same verdict on a route of a contract and on one of `gateway.yaml`, or the
 * difference is a declared property of the route (`receive/strictness.ts`).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { METHODS } from '@gatehouse/contracts';
import {
  createTestAuthority,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { wireErrors } from '@gatehouse/wire';
import { type Random, randomFrom } from '@gatehouse/wire/test-support';
import { buildGateway } from './app.ts';
import { edgeErrors } from './errors.ts';
import { CONTRACT, strictnessOf } from './receive/strictness.ts';
import { AUDIENCE, createFakeAuth, ISSUER } from './test-support/fake-auth.ts';

const PAIRS = process.env.CHAOS_LONG === '1' ? 5000 : 200;
const CONTRACT_PATH = '/board/v1/posts';
const EXTERNAL_PATH = '/shops/v1/items';

const fakeAuth = createFakeAuth(() => undefined);
const upstream = createServer((_request, response) => response.end('taken'));
const folder = mkdtempSync(join(tmpdir(), 'one-verdict-'));
let authority: TestAuthority;
let auth: TestService;
let gateway: TestService;
let port: number;

before(async () => {
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const file = join(folder, 'gateway.yaml');
  const address = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  writeFileSync(
    file,
    `upstreams: { shop: { addresses: ["${address}"] } }
routes:
  - { name: item, path: "${EXTERNAL_PATH}/{id}", methods: [GET], rule: { subject: SIGNED_IN }, upstream: shop }
`,
  );
  authority = await createTestAuthority();
  auth = await startTestService({ authority, name: 'auth', build: fakeAuth.build });
  const others = [...new Set(METHODS.map(({ service }) => service))].filter(
    (name) => name !== 'auth',
  );
  gateway = await startTestService({
    authority,
    name: 'gateway',
    build: buildGateway,
    env: {
      GATEHOUSE_KEYS_URL: fakeAuth.keysUrl(),
      GATEHOUSE_ISSUER: ISSUER,
      GATEHOUSE_EDGE_AUDIENCE: AUDIENCE,
      GATEHOUSE_HTTP_PORT: '0',
      GATEHOUSE_GATEWAY_FILE: file,
      GATEHOUSE_RATE_PER_SECOND: '1000000',
      GATEHOUSE_UPSTREAMS: [
        `auth=localhost:${auth.grpcPort}`,
        ...others.map((name) => `${name}=localhost:1`),
      ].join(','),
    },
  });
  while (!(await fetch(`${gateway.adminUrl}/readyz`)).ok) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const line = gateway.logLines.find((text) => text.includes('edge listening'));
  port = JSON.parse(line ?? '{}').port;
});

after(async () => {
  await gateway.close();
  await auth.close();
  await authority.close();
  upstream.closeAllConnections();
  upstream.close();
  rmSync(folder, { recursive: true });
});

/** What is asked, below either path. */
interface Asked {
  readonly method: string;
  /** Behind the path of the route. */
  readonly rest: string;
  readonly lines: readonly string[];
}

/** What only the reading, and a property of a route, refuses with. */
const OF_THE_READING: ReadonlySet<string> = new Set(
  [
    ...Object.values(wireErrors),
    ...[edgeErrors.UPGRADE, edgeErrors.MEDIA_TYPE, edgeErrors.BODY_UNEXPECTED],
  ].map((make) => make().code),
);

/** @returns the code of a refusal; `taken` for all that the reading let through. */
async function verdict(path: string, { method, rest, lines }: Asked): Promise<string> {
  const head = [
    `${method} ${path}${rest} HTTP/1.1`,
    'Host: edge',
    ...lines,
    'Connection: close',
    '',
    '',
  ];
  const socket = connect(port, '127.0.0.1', () => socket.write(head.join('\r\n'), 'latin1'));
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  const code = /"code":"([a-z_.]+)"/.exec(text)?.[1] ?? '';
  assert.match(text, /^HTTP\/1\.1 [1-5]/, JSON.stringify(head));
  return OF_THE_READING.has(code) ? code : 'taken';
}

/** The property that explains a difference; undefined: none does. */
function property(asked: Asked, contract: string, external: string): string | undefined {
  const theirs = strictnessOf({ websocket: false });
  if (external !== 'taken') return undefined;
  if (contract === 'gateway.body_unexpected') return 'body';
  if (contract === 'gateway.media_type' && CONTRACT.contentCoding !== theirs.contentCoding) {
    return asked.lines.some((line) => /^content-encoding:/i.test(line)) ? 'coding' : undefined;
  }
  const ofQuery = ['gateway.query', 'gateway.invalid_utf8', 'gateway.encoded_delimiter'];
  const hasQuery = asked.rest.includes('?');
  return ofQuery.includes(contract) && hasQuery && CONTRACT.query !== theirs.query
    ? 'query'
    : undefined;
}

async function compare(asked: Asked): Promise<string | undefined> {
  const contract = await verdict(CONTRACT_PATH, asked);
  const external = await verdict(EXTERNAL_PATH, asked);
  if (contract === external || property(asked, contract, external) !== undefined) return undefined;
  return `${JSON.stringify(asked)}: ${contract} on a contract's route, ${external} on an external one`;
}

const TOKEN_LINE = () => `Authorization: Bearer ${fakeAuth.token()}`;
const GROUPS: readonly (readonly string[])[] = [
  ['Content-Type: text/plain', 'Content-Type: application/json', 'Content-Length: 0'],
  ['traceparent: 00-a', 'traceparent: 00-b'],
  ['Content-Encoding: gzip'],
  ['Expect: 100-continue', 'Expect: 100-continue'],
  ['Authorization: Bearer b'],
  ['Connection: content-type', 'Content-Type: a/b'],
  ['Cookie: a=1', 'Cookie: a=2'],
  ['X-Forwarded-Host: x'],
  ['Content-Length: 0', 'Content-Length: 0'],
  ['Content-Length: 00'],
  ['Content-Length: 0'],
  ['Transfer-Encoding: gzip'],
  ['Transfer-Encoding: identity', 'Content-Length: 0'],
  ['Expect: more'],
  ['Upgrade: h2c'],
  ['Upgrade: websocket', 'Connection: Upgrade'],
  ['Upgrade: websocket', 'Upgrade: h2c'],
  ['Connection: x-a, keep-alive', 'X-A: 1'],
  ['Connection: authorization'],
  ['Connection: Txn-Token'],
  ['Host: other'],
  ['txn_token: forged'],
  ['Content_Length: 5'],
  ['X-A: 1', 'X-A: 2'],
  ['X-B: \xff'],
  ['X-C: a\tb'],
  ['X-D : 1'],
  ['Sec-WebSocket-Key: a', 'Sec-WebSocket-Key: b'],
  ['Traceparent: 00-a'],
  ['Content-Encoding: gzip', 'content-encoding: br'],
  ['Forwarded: for=1.1.1.1', 'Via: 1.1 a'],
];
const PIECES: readonly string[] = [
  ...['a', 'é', '%40', '%2C', '%3A', '%C3%A4', '%e4', '%c3%a4', '%E4', ';', '%3B', '@', ',', ':'],
  ...[
    '//',
    '/',
    '.',
    '/..',
    '/../',
    '%2E',
    '%2F',
    '%5C',
    '%25',
    '%00',
    '%0A',
    '%7E',
    '%41',
    '%',
    '%zz',
  ],
  ...[
    '?x',
    '?=x',
    '?x=1',
    '?x=[1]',
    '?x=a;b',
    '?x=%0a',
    '?x=%2500',
    '?%00',
    '?x=%FF',
    '?',
    '?a=b&&c=d',
  ],
  ...['?x=<', '?x="', '#a', '\\', '\u0080', '?x={}|^', "'(a)*!~", '%20', '+', '&', '=', '$', 'ME'],
];

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)] as Item;
}

function chooseAsked(random: Random): Asked {
  const method = random(12) === 0 ? pick(random, ['PROPFIND', 'OPTIONS', 'HEAD', 'get']) : 'GET';
  const pieces = Array.from({ length: random(3) }, () => pick(random, PIECES));
  const groups = Array.from({ length: random(3) }, () => pick(random, GROUPS));
  return { method, rest: `/a${pieces.join('')}`, lines: [TOKEN_LINE(), ...groups.flat()] };
}

test('each pair that two readers read differently is read in one way', async () => {
  const targets = PIECES.map((piece) => ({ method: 'GET', rest: `/a${piece}`, lines: [] }));
  const heads = GROUPS.map((lines) => ({ method: 'GET', rest: '/a', lines }));
  const faults: string[] = [];
  for (const { lines, ...asked } of [...targets, ...heads]) {
    const fault = await compare({ ...asked, lines: [TOKEN_LINE(), ...lines] });
    if (fault !== undefined) faults.push(fault);
  }
  assert.deepEqual(faults, []);
});

test(`${PAIRS} seeded requests get one verdict`, { timeout: 600_000 }, async (t) => {
  const first = Math.floor(Math.random() * 2 ** 30);
  t.diagnostic(`seeds ${first} to ${first + PAIRS - 1}`);
  const faults: string[] = [];
  let taken = 0;
  for (let seed = first; seed < first + PAIRS; seed += 1) {
    const asked = chooseAsked(randomFrom(seed));
    const fault = await compare(asked);
    if (fault !== undefined) faults.push(`seed ${seed}: ${fault}`);
    if ((await verdict(EXTERNAL_PATH, asked)) === 'taken') taken += 1;
  }
  assert.deepEqual(faults, []);
  assert.ok(taken > PAIRS / 10, `${taken} were taken`);
});

test('what encodeURIComponent writes is taken in a path variable, on either route', async () => {
  for (const text of ['a@b', 'a,b', 'a:b', 'a+b', 'a&b=c$d', "it's (a) *!~", '[x] {y}|^', 'é😀']) {
    const asked = {
      method: 'GET',
      rest: `/${encodeURIComponent(text)}`,
      lines: [TOKEN_LINE()],
    };
    const verdicts = [await verdict(CONTRACT_PATH, asked), await verdict(EXTERNAL_PATH, asked)];
    assert.deepEqual(verdicts, ['taken', 'taken'], text);
  }
});
