/** One finished span, as the trace view keeps and shows it. */

export type SpanKind = 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';

export type AttributeValue = string | number | boolean;

export interface TraceSpan {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** `''` for the first span of a trace. */
  readonly parentSpanId: string;
  /** The process: `service.name` of its resource. */
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Since 1970, with microseconds behind the point. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Its status is ERROR. */
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}
