import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestPostgres } from '@gatehouse/testing';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { openDatabase, sql, untraced } from '../index.ts';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);
const server = await startTestPostgres();
const log = { info: () => undefined, warn: () => undefined };
const db = openDatabase<{ note: { body: string } }>({
  url: await server.createDatabase('notes'),
  name: 'span-test',
  log,
});
after(async () => {
  await db.close();
  await server.close();
});

async function spansOf(work: () => Promise<unknown>) {
  await provider.forceFlush();
  exporter.reset();
  await work();
  await provider.forceFlush();
  return exporter.getFinishedSpans();
}

test('each statement has a span with its text, a child of the one it ran in, without values', async () => {
  await sql`create table note (body text unique)`.execute(db.read);
  const spans = await spansOf(() =>
    trace.getTracer('test').startActiveSpan('request', async (request) => {
      await db.transaction(async (tx) => {
        await tx.insertInto('note').values({ body: 'hunter2' }).execute();
      });
      request.end();
    }),
  );
  const request = spans.find((span) => span.name === 'request');
  const statements = spans.filter((span) => span !== request);
  assert.deepEqual(
    statements.map((span) => span.name),
    ['START notes', 'INSERT notes', 'COMMIT notes'],
  );
  for (const span of statements) {
    assert.equal(span.kind, SpanKind.CLIENT);
    assert.equal(span.parentSpanContext?.spanId, request?.spanContext().spanId);
    assert.equal(span.attributes['db.namespace'], 'notes');
  }
  assert.equal(
    statements[1]?.attributes['db.query.text'],
    'insert into "note" ("body") values ($1)',
  );
  assert.ok(!JSON.stringify(spans.map(visible)).includes('hunter2'));
});

test('a refused statement marks its span with the state, and shows no value', async () => {
  const spans = await spansOf(() =>
    assert.rejects(db.read.insertInto('note').values({ body: 'hunter2' }).execute()),
  );
  assert.equal(spans.length, 1);
  assert.equal(spans[0]?.status.code, SpanStatusCode.ERROR);
  assert.equal(spans[0]?.attributes['db.response.status_code'], '23505');
  assert.ok(!JSON.stringify(spans.map(visible)).includes('hunter2'));
});

test('a check leaves no span', async () => {
  assert.deepEqual(await spansOf(() => db.check()), []);
});

function visible(span: ReturnType<InMemorySpanExporter['getFinishedSpans']>[number]) {
  return [span.name, span.attributes, span.status, span.events];
}

test('untraced work leaves no span, and what comes after it does', async () => {
  const poll = () => sql`SELECT 1`.execute(db.read);
  assert.deepEqual(await spansOf(() => untraced(poll)), []);
  assert.equal((await spansOf(poll)).length, 1);
});
