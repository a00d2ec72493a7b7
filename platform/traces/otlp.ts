/**
 * Reads spans from an OTLP/HTTP export in its JSON encoding.
 *
 * Source: opentelemetry-proto 1.7, trace/v1 and "OTLP/HTTP, JSON Protobuf Encoding".
 */
import type { AttributeValue, SpanKind, TraceSpan } from './span.ts';

const KINDS: readonly SpanKind[] = [
  'INTERNAL',
  'INTERNAL',
  'SERVER',
  'CLIENT',
  'PRODUCER',
  'CONSUMER',
];
const STATUS_ERROR = 2;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const NANOS = /^[0-9]{1,20}$/;
// Enough for a statement and its context; any local process could otherwise fill the memory.
const MAX_TEXT = 1_000;
const MAX_ATTRIBUTES = 40;

/**
 * The spans of one export request. Invalid spans are skipped, and so is everything of
 * a span that is not in {@link TraceSpan}: events, links, trace state, lists among attributes.
 *
 * @param body - parsed JSON, of whatever shape.
 */
export function readExport(body: unknown): readonly TraceSpan[] {
  return listOf(body, 'resourceSpans').flatMap((group) => {
    const resource = attributesOf(memberOf(group, 'resource'));
    const service = textOf(resource['service.name']);
    return listOf(group, 'scopeSpans')
      .flatMap((scope) => listOf(scope, 'spans'))
      .flatMap((span) => spanOf(span, service));
  });
}

function spanOf(span: unknown, service: string): readonly TraceSpan[] {
  const traceId = textOf(memberOf(span, 'traceId'));
  const spanId = textOf(memberOf(span, 'spanId'));
  const parentSpanId = textOf(memberOf(span, 'parentSpanId'));
  const start = nanosOf(memberOf(span, 'startTimeUnixNano'));
  const end = nanosOf(memberOf(span, 'endTimeUnixNano'));
  const isValid =
    TRACE_ID.test(traceId) &&
    SPAN_ID.test(spanId) &&
    (parentSpanId === '' || SPAN_ID.test(parentSpanId)) &&
    start !== undefined &&
    end !== undefined;
  if (!isValid) return [];
  return [
    {
      traceId,
      spanId,
      parentSpanId,
      service,
      name: textOf(memberOf(span, 'name')),
      kind: KINDS[Number(memberOf(span, 'kind'))] ?? 'INTERNAL',
      startMs: millis(start),
      durationMs: Math.max(0, millis(end - start)),
      failed: memberOf(memberOf(span, 'status'), 'code') === STATUS_ERROR,
      attributes: attributesOf(span),
    },
  ];
}

function attributesOf(holder: unknown): Record<string, AttributeValue> {
  const pairs = listOf(holder, 'attributes').slice(0, MAX_ATTRIBUTES);
  return Object.fromEntries(
    pairs.flatMap((pair): readonly (readonly [string, AttributeValue])[] => {
      const value = plainValue(memberOf(pair, 'value'));
      return value === undefined ? [] : [[textOf(memberOf(pair, 'key')), value]];
    }),
  );
}

function plainValue(value: unknown): AttributeValue | undefined {
  const text = memberOf(value, 'stringValue');
  if (typeof text === 'string') return textOf(text);
  const whole = memberOf(value, 'intValue') ?? memberOf(value, 'doubleValue');
  // 64-bit whole numbers are text in JSON.
  if (typeof whole === 'number' || typeof whole === 'string') return Number(whole);
  const truth = memberOf(value, 'boolValue');
  return typeof truth === 'boolean' ? truth : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : [];
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}

function nanosOf(value: unknown): bigint | undefined {
  const text = String(value);
  return NANOS.test(text) ? BigInt(text) : undefined;
}

function millis(nanos: bigint): number {
  return Number(nanos / 1_000n) / 1_000;
}
