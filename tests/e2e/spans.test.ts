/** One request leaves one trace, from the edge to SQL, each span below the one that caused it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from './support/edge.ts';
import { logIn, signUp } from './support/people.ts';
import { assertProblem } from './support/problem.ts';
import { type ReceivedSpan, receivedSpans } from './support/spans.ts';
import { until } from './support/until.ts';

const METHOD = 'gatehouse.board.v1.BoardService/GetPost';

/** The whole way of one request, outermost first: process, kind, name. */
const WAY = [
  ['gateway', 'SERVER', 'GET /board/v1/posts/{post_id}'],
  ['gateway', 'CLIENT', METHOD],
  ['board', 'SERVER', METHOD],
  ['board', 'CLIENT', 'SELECT gatehouse_board'],
] as const;

test('the spans of one request lead from the edge to SQL in one trace', async () => {
  const { accessToken } = await logIn(await signUp());
  // A post that is not there: its problem quotes the trace, and SQL was asked for it.
  const missing = `GET /board/v1/posts/pst_${'0'.repeat(26)}` as const;
  const { traceId } = assertProblem(await call(missing, { token: accessToken }), 404);

  const way = await until(
    `the spans of trace ${traceId}`,
    () => wayFrom(receivedSpans().filter((span) => span.traceId === traceId)),
    { timeoutMs: 20_000, everyMs: 200 },
  );
  assert.deepEqual(
    way.map(({ service, kind, name }) => [service, kind, name]),
    WAY,
  );
  const [edge, , server, sql] = way;
  assert.equal(edge?.parentSpanId, '', 'a trace begins at the edge');
  // Decided twice, and said alike: by the gateway before it mints, by the service before it acts.
  for (const span of [edge, server]) {
    assert.equal(span?.attributes.get('gatehouse.subject_kind'), 'person');
    assert.equal(span?.attributes.get('gatehouse.decision'), 'allow');
  }
  assert.match(String(sql?.attributes.get('db.query.text')), /^select .* from "post" .* \$1$/);
});

/** The chain from the innermost span outwards, or nothing until all of it has come. */
function wayFrom(spans: readonly ReceivedSpan[]): readonly ReceivedSpan[] | undefined {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const way: ReceivedSpan[] = [];
  let span = spans.find(({ name }) => name === WAY[3][2]);
  while (span !== undefined) {
    way.unshift(span);
    span = byId.get(span.parentSpanId);
  }
  return way[0]?.parentSpanId === '' ? way : undefined;
}
