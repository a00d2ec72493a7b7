/** The picture of a request from its spans; that nothing is wider than 80 columns, whatever it holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceSpan } from '@gatehouse/platform';
import { drawPath } from './draw.ts';
import { cut, ends, field, heading, paragraph, plainText, WIDTH } from './page.ts';
import { pathOf, servicesOf } from './traces.ts';

const METHOD = 'gatehouse.board.v1.BoardService/CreatePost';

function span(values: Partial<TraceSpan>): TraceSpan {
  return {
    traceId: 'a'.repeat(32),
    spanId: 'edge',
    parentSpanId: '',
    service: 'gateway',
    name: 'POST /board/v1/posts',
    kind: 'SERVER',
    startMs: 1_000,
    durationMs: 10,
    failed: false,
    attributes: {},
    ...values,
  };
}

const EDGE = span({
  attributes: {
    'http.route': '/board/v1/posts',
    'rpc.method': METHOD,
    'gatehouse.decision': 'allow',
    'gatehouse.subject_kind': 'person',
  },
});
const CALL = span({ spanId: 'call', parentSpanId: 'edge', kind: 'CLIENT', startMs: 1_001 });
const BOARD = span({
  spanId: 'board',
  parentSpanId: 'call',
  service: 'board',
  startMs: 1_002.5,
  durationMs: 6,
  attributes: {
    'rpc.method': METHOD,
    'gatehouse.peer': 'spiffe://gatehouse.local/gateway',
    'gatehouse.subject': `usr_${'1'.repeat(26)}`,
    'gatehouse.subject_kind': 'person',
    'gatehouse.passport_txn': 'the-transaction',
    'gatehouse.passport_issuer': 'spiffe://gatehouse.local/gateway',
    'gatehouse.passport_scope': 'board:write',
    'gatehouse.passport_expires': new Date(61_002).toISOString(),
    'gatehouse.decision': 'allow',
  },
});
const sql = (spanId: string, operation: string, startMs: number) =>
  span({
    spanId,
    parentSpanId: 'board',
    service: 'board',
    kind: 'CLIENT',
    startMs,
    durationMs: 1.2,
    attributes: {
      'db.operation.name': operation,
      'db.query.text': `${operation.toLowerCase()} ${'a long statement '.repeat(9)}`,
    },
  });
const SPANS = [sql('s2', 'INSERT', 1_004), sql('s1', 'START', 1_003), BOARD, CALL, EDGE];

const RESPONSE = {
  status: 201,
  text: `{"accessToken":"secret","title":"${'x'.repeat(99)}"}`,
  tookMs: 12.34,
  traceId: '',
};

test('a path is complete when every call has been seen from both sides', () => {
  const path = pathOf(SPANS);
  assert.deepEqual(servicesOf(path ?? assert.fail()), ['gateway', 'board']);
  for (const missing of [EDGE, BOARD]) {
    assert.equal(pathOf(SPANS.filter((each) => each !== missing)), undefined);
  }
});

test('the picture has token, rule, decision, passport, what the service saw, SQL and response', () => {
  const claims = { typ: 'at+jwt', alg: 'RS256', sub: 'usr_1', aud: 'edge', scope: 'a b', exp: 1 };
  const token = `${encoded(claims)}.${encoded({})}.`;
  const path = pathOf(SPANS) ?? assert.fail();
  const lines = drawPath({ line: 'POST /board/v1/posts', token, response: RESPONSE, path }).map(
    plainText,
  );
  const text = lines.join('\n');
  for (const part of [
    /token +access token \(at\+jwt, RS256\), signed by auth/,
    /rule +SIGNED_IN; scope board:write; callers gateway/,
    /decision +allow: for a signed-in person/,
    /passport +txn the-transaction\n.*iss spiffe.*\n.*sub usr_1+\n.*scope board:write; valid for 60 s/,
    /board +CreatePost +2\.5 to 8\.5 ms/,
    /caller +spiffe:\/\/gatehouse\.local\/gateway, by its certificate/,
    /SQL +insert a long.*… +1\.2 ms/,
    /client +201 .*in 12\.3 ms/,
  ]) {
    assert.match(text, part);
  }
  assert.doesNotMatch(text, /secret|SQL +start/);
  assert.ok(lines.every((line) => line.length <= WIDTH));
});

test('lines are cut or go on below, so that none is wider than the page', () => {
  const long = 'x'.repeat(200);
  const lines = [
    heading(long.slice(0, 70)),
    ends([' ', ['bold', long]], [['dim', '1.0 ms']]),
    ...field([' │ '], 'label', `${long} and words that follow it `.repeat(3)),
    ...paragraph(`${long} ${'word '.repeat(50)}`),
  ].map(plainText);
  assert.ok(lines.every((line) => line.length <= WIDTH && line.length > 0));
  assert.match(lines[1] ?? '', /x… {2}1\.0 ms$/);
  assert.equal(cut('abcdef', 4), 'abc…');
});

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
