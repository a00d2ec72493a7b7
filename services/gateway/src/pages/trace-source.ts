/** Asks the small collector of the embedded default for traces. */
import { edgeErrors } from '../errors.ts';

/** One finished span. */
export interface TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** `''` for the first span of a trace. */
  readonly parentSpanId: string;
  /** The process that made it. */
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  /** Since 1970. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** One trace in the list. */
export interface TraceSummary {
  readonly traceId: string;
  readonly first: TraceSpan;
  readonly durationMs: number;
  readonly services: readonly string[];
  readonly spanCount: number;
}

/** Where the pages get traces from. */
export interface TraceSource {
  /** Newest first. @throws GatehouseError `gateway.traces_away`. */
  list(): Promise<readonly TraceSummary[]>;
  /** In order of their start; empty when it is not there. @throws GatehouseError `gateway.traces_away`. */
  spansOf(traceId: string): Promise<readonly TraceSpan[]>;
}

const TIMEOUT_MS = 2_000;

/** @param base - of the collector, as GATEHOUSE_TRACE_VIEW. */
export function createTraceSource(base: URL): TraceSource {
  const get = async <Body>(path: string): Promise<Body | undefined> => {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(new URL(path, base), { signal, redirect: 'error' });
      if (response.status === 404) return undefined;
      if (!response.ok) throw new Error(`the collector responded with ${response.status}`);
      // It is ours and on this machine; what it took from elsewhere it has checked.
      return (await response.json()) as Body;
    } catch (cause) {
      throw edgeErrors.TRACES_AWAY({ cause });
    }
  };
  return {
    list: async () => {
      const found = await get<{ readonly traces: readonly TraceSummary[] }>('/traces');
      return found?.traces ?? [];
    },
    spansOf: async (traceId) => {
      const found = await get<{ readonly spans: readonly TraceSpan[] }>(`/traces/${traceId}`);
      return found?.spans ?? [];
    },
  };
}
