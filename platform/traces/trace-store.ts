/** The last traces, in memory, within bounds: the oldest is evicted when a new one needs its room. */
import type { TraceSpan } from './span.ts';

/** How much is kept. */
export interface TraceStoreLimits {
  /** Default 200. */
  readonly maxTraces?: number;
  /** Of all traces together. Default 5 000. */
  readonly maxSpans?: number;
  /** Of one trace; later ones are dropped. Default 200. */
  readonly maxSpansOfTrace?: number;
}

/** One trace in the list. */
export interface TraceSummary {
  readonly traceId: string;
  /** The root span, or the earliest while the root is missing. */
  readonly first: TraceSpan;
  /** From the first start to the last end. */
  readonly durationMs: number;
  /** The processes that it went through, in order of their first span. */
  readonly services: readonly string[];
  readonly spanCount: number;
}

/** Keeps spans by trace. */
export interface TraceStore {
  add(spans: readonly TraceSpan[]): void;
  /** Newest first. */
  list(): readonly TraceSummary[];
  /** Its spans in order of their start; empty when the trace is not, or no longer, here. */
  spansOf(traceId: string): readonly TraceSpan[];
}

/** Set on the spans of requests for the trace pages themselves, which are not kept. */
const PAGE_ATTRIBUTE = 'gatehouse.page';

export function createTraceStore(limits: TraceStoreLimits = {}): TraceStore {
  const { maxTraces = 200, maxSpans = 5_000, maxSpansOfTrace = 200 } = limits;
  /** In order of arrival. */
  const traces = new Map<string, TraceSpan[]>();
  let spanCount = 0;

  const keep = (span: TraceSpan): void => {
    const known = traces.get(span.traceId);
    if (known === undefined) traces.set(span.traceId, [span]);
    else if (known.length >= maxSpansOfTrace) return;
    else known.push(span);
    spanCount += 1;
  };
  const makeRoom = (): void => {
    for (const [traceId, spans] of traces) {
      if (traces.size <= maxTraces && spanCount <= maxSpans) return;
      traces.delete(traceId);
      spanCount -= spans.length;
    }
  };
  return {
    add: (spans) => {
      for (const span of spans) if (!Object.hasOwn(span.attributes, PAGE_ATTRIBUTE)) keep(span);
      makeRoom();
    },
    list: () => {
      const summaries = [...traces].map(([traceId, spans]) => summaryOf(traceId, inOrder(spans)));
      return summaries.sort((a, b) => b.first.startMs - a.first.startMs);
    },
    spansOf: (traceId) => inOrder(traces.get(traceId) ?? []),
  };
}

function inOrder(spans: readonly TraceSpan[]): readonly TraceSpan[] {
  // At the same microsecond the longer one is the cause.
  return [...spans].sort((a, b) => a.startMs - b.startMs || b.durationMs - a.durationMs);
}

function summaryOf(traceId: string, spans: readonly TraceSpan[]): TraceSummary {
  const [earliest] = spans;
  if (earliest === undefined) throw new Error('a trace has at least one span');
  const endMs = Math.max(...spans.map(({ startMs, durationMs }) => startMs + durationMs));
  return {
    traceId,
    first: spans.find(({ parentSpanId }) => parentSpanId === '') ?? earliest,
    durationMs: endMs - earliest.startMs,
    services: [...new Set(spans.map(({ service }) => service))],
    spanCount: spans.length,
  };
}
