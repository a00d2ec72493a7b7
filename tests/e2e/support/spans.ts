/** The spans that were received, flat. Layout: opentelemetry-proto trace/v1, JSON encoding. */
import { readFileSync } from 'node:fs';
import { target } from './config.ts';

export interface ReceivedSpan {
  /** `service.name` of its resource. */
  readonly service: string;
  readonly name: string;
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'OTHER';
  readonly traceId: string;
  readonly spanId: string;
  /** `''` for the first span of a trace. */
  readonly parentSpanId: string;
  /** Names and values as they came. */
  readonly attributes: ReadonlyMap<string, unknown>;
}

interface WireAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface WireSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes?: readonly WireAttribute[];
}

interface WireExport {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly WireAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

const KINDS: Readonly<Record<number, ReceivedSpan['kind']>> = {
  1: 'INTERNAL',
  2: 'SERVER',
  3: 'CLIENT',
};

/**
 * Every span received so far. Processes send theirs every few seconds: ask until they are there.
 *
 * @param file - of a receiver; default: that of the platform that all tests share.
 */
export function receivedSpans(file: string = target().spansFile): readonly ReceivedSpan[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  // The last piece is empty, or a line that is being written.
  return lines.slice(0, -1).flatMap((line) => flatten(JSON.parse(line) as WireExport));
}

function flatten({ resourceSpans }: WireExport): readonly ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes).get('service.name'));
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => received(span, service)));
  });
}

function received(span: WireSpan, service: string): ReceivedSpan {
  return {
    service,
    name: span.name,
    kind: KINDS[span.kind] ?? 'OTHER',
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? '',
    attributes: attributesOf(span.attributes ?? []),
  };
}

function attributesOf(attributes: readonly WireAttribute[]): ReadonlyMap<string, unknown> {
  return new Map(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
