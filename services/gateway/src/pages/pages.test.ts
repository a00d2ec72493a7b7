/** The pages as the edge answers them; what they look like is looked at in tests/outside. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { METHODS } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/errors';
import type { EdgeResponse } from '../receive/seam.ts';
import type { PageRequest } from '../route/page.ts';
import { createRouteTable } from '../route/route-table.ts';
import { identityAt } from './identity.ts';
import { createPages } from './pages.ts';
import type { TraceSpan } from './trace-source.ts';

const { methods } = createRouteTable(METHODS);
const TRACE = 'a'.repeat(32);

const span: TraceSpan = {
  traceId: TRACE,
  spanId: '1'.repeat(16),
  parentSpanId: '',
  service: 'gateway',
  name: 'GET /board/v1/posts/{post_id}',
  kind: 'SERVER',
  startMs: 1_790_000_000_000,
  durationMs: 12,
  failed: false,
  attributes: {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'rpc.method': 'gatehouse.board.v1.BoardService/GetPost',
    'gatehouse.subject_kind': 'person',
    'gatehouse.subject': 'usr_1',
    'gatehouse.token_scope': 'board:read user:read',
    'gatehouse.decision': 'allow',
    'client.address': '127.0.0.1',
  },
};
const call: TraceSpan = {
  ...span,
  spanId: '2'.repeat(16),
  parentSpanId: span.spanId,
  kind: 'CLIENT',
  attributes: { 'rpc.method': 'gatehouse.board.v1.BoardService/GetPost' },
};
const statements: readonly TraceSpan[] = [
  ['COMMIT', 9],
  ['INSERT', 1],
].map(([name, durationMs], index) => ({
  ...span,
  spanId: `${index + 4}`.repeat(16),
  parentSpanId: '3'.repeat(16),
  service: 'board',
  name: String(name),
  durationMs: Number(durationMs),
  attributes: {},
}));
const served: TraceSpan = {
  ...call,
  spanId: '3'.repeat(16),
  parentSpanId: call.spanId,
  service: 'board',
  kind: 'SERVER',
  name: '<img src=x onerror=alert(1)>',
  attributes: {
    'gatehouse.peer': 'spiffe://gatehouse.local/gateway',
    'gatehouse.subject': 'usr_1',
    'gatehouse.passport_txn': 'txn-1',
    'gatehouse.passport_scope': 'board:read',
    'gatehouse.passport_issuer': 'spiffe://gatehouse.local/gateway',
    'gatehouse.decision': 'allow',
  },
};

/** The pages over a collector that has one trace, or over none. */
async function pages(t: TestContext, options: { readonly traces: boolean }) {
  const spans = [span, call, served, ...statements];
  const summary = { traceId: TRACE, first: span, durationMs: 12, services: ['gateway', 'board'] };
  const collector = createServer((request, response) => {
    const known = [
      ['/traces', { traces: [summary] }],
      [`/traces/${TRACE}`, { spans }],
    ] as const;
    const found = known.find(([path]) => path === request.url);
    response.writeHead(found === undefined ? 404 : 200).end(JSON.stringify(found?.[1] ?? {}));
  });
  await new Promise<void>((resolve) => {
    collector.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => collector.close());
  const { port } = collector.address() as AddressInfo;
  const traceView = options.traces ? new URL(`http://127.0.0.1:${port}`) : undefined;
  const find = createPages({ methods, traceView });
  return async (path: string, from: Partial<PageRequest> = {}): Promise<EdgeResponse> => {
    const segments = path === '/' ? [] : path.slice(1).split('/');
    const page = find(segments)?.byVerb.get('GET')?.page;
    if (page === undefined) throw new Error(`no page ${path}`);
    const here = { host: 'localhost:8080', address: '127.0.0.1', throughProxy: false };
    return page.respond({ segments, ...here, ...from });
  };
}

function textOf({ body }: EdgeResponse): string {
  return Buffer.from(body ?? []).toString();
}

/** Where a page says something that its own policy does not let it do. */
function assertPolicyHolds(answer: EdgeResponse): void {
  const policy = answer.headers['content-security-policy'] ?? '';
  const text = textOf(answer);
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+';/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  for (const [, kind, content = ''] of text.matchAll(/<(style|script)>(.*?)<\/\1>/gs)) {
    const hash = createHash('sha256').update(content).digest('base64');
    assert.ok(policy.includes(`${kind}-src 'sha256-${hash}'`), `${kind} is not in the policy`);
  }
  assert.doesNotMatch(text, /\son[a-z]+="|\sstyle="|javascript:/i);
  // Nothing is asked of another machine.
  for (const [, url] of text.matchAll(/(?:src|href|action)="([^"]*)"/g)) {
    assert.match(url ?? '', /^(?:\/|#|data:image\/svg)/);
  }
}

test('every page stands under a strict policy and asks nobody else for anything', async (t) => {
  const page = await pages(t, { traces: true });
  for (const path of ['/', '/docs', '/traces', `/traces/${TRACE}`]) {
    const answer = await page(path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assertPolicyHolds(answer);
  }
});

test('the first page says what runs here and what to try, by the name it was asked by', async (t) => {
  const page = await pages(t, { traces: false });
  const text = textOf(await page('/', { host: 'edge.example:81' }));
  for (const { http, service, desc } of methods) {
    assert.ok(text.includes(`/docs#${service}.${desc.name}`), http.template);
  }
  assert.match(text, /Posts and the comments below them\./);
  assert.match(text, /curl -s http:\/\/edge\.example:81\/auth\/v1\/sign-up/);
});

test('the documentation has every call with its rule, its members and a form', async (t) => {
  const page = await pages(t, { traces: false });
  const text = textOf(await page('/docs'));
  for (const { service, desc, http } of methods) {
    assert.ok(text.includes(`id="${service}.${desc.name}"`));
    assert.ok(text.includes(`data-path="${http.template}"`));
  }
  assert.match(text, /required, 1 to 200 characters/);
  assert.match(text, /<code>gateway\.no_token<\/code>: This needs an access token\./);
  const document = JSON.parse(textOf(await page('/openapi.json')));
  assert.equal(document.openapi, '3.1.1');
});

test('without a trace view there is none, and no page speaks of it', async (t) => {
  const page = await pages(t, { traces: false });
  await assert.rejects(page('/traces'), /no page/);
  for (const path of ['/', '/docs']) assert.doesNotMatch(textOf(await page(path)), /"\/traces/);
});

test('a trace tells the identity at each hop, and shows nothing as HTML that is not ours', async (t) => {
  const page = await pages(t, { traces: true });
  const text = textOf(await page(`/traces/${TRACE}`));
  assert.match(text, /access token of <code>usr_1<\/code> with <code>board:read user:read<\/code>/);
  assert.match(text, /sends passport <code>txn-1<\/code>/);
  assert.match(text, /called by <code>spiffe:\/\/gatehouse\.local\/gateway<\/code>, passport for/);
  assert.match(text, /signed-in person with the scope <code>board:read<\/code>/);
  assert.ok(text.includes('&lt;img src=x') && !text.includes('<img'));
  assert.match(text, />INSERT<[\s\S]*>COMMIT</, 'what ended first stands first');
  assert.match(textOf(await page('/traces')), /gateway → board/);
});

test('who came with no token, or with a bad one, is told apart', () => {
  const refused = (code: string, decision: string) =>
    identityAt(
      {
        ...span,
        attributes: {
          'http.request.method': 'GET',
          'client.address': '127.0.0.1',
          'error.type': code,
          'gatehouse.decision': decision,
        },
      },
      [],
    )?.text ?? '';
  const none = refused('access.not_signed_in', 'not_signed_in');
  assert.match(none, /^without an access token, from 127\.0\.0\.1 → .*denied: not_signed_in/);
  const bad = refused('gateway.invalid_token', 'token_expired');
  assert.match(bad, /^an invalid access token, from .* → .*denied: token_expired/);
});

test('a trace that is not there may come yet: 404, and the page looks again', async (t) => {
  const page = await pages(t, { traces: true });
  const answer = await page(`/traces/${'b'.repeat(32)}`);
  assert.equal(answer.status, 404);
  assertPolicyHolds(answer);
  await assert.rejects(page('/traces/../../x'), /no page/);
  await assert.rejects(page('/traces/x'), { code: 'gateway.not_found' });
});

test('traces are for this machine, by a name that no other site can have', async (t) => {
  const page = await pages(t, { traces: true });
  for (const from of [
    { host: 'evil.example' },
    { host: 'localhost.evil.example' },
    { address: '192.0.2.1' },
    { address: '::ffff:192.0.2.1' },
    { throughProxy: true },
  ]) {
    await assert.rejects(page('/traces', from), { code: 'gateway.not_found' });
    await assert.rejects(page(`/traces/${TRACE}`, from), { code: 'gateway.not_found' });
  }
  for (const from of [{ host: '[::1]:8080', address: '::1' }, { host: '127.0.0.1' }]) {
    assert.equal((await page('/traces', from)).status, 200);
  }
});

test('an unreachable collector is named as the reason', async () => {
  const find = createPages({ methods, traceView: new URL('http://127.0.0.1:1') });
  const here = { host: 'localhost', address: '127.0.0.1', throughProxy: false };
  const request = { segments: ['traces'], ...here };
  await assert.rejects(
    async () => find(['traces'])?.byVerb.get('GET')?.page.respond(request),
    (error) => error instanceof GatehouseError && error.code === 'gateway.traces_away',
  );
});
