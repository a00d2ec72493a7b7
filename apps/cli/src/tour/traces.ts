/** The path of one request through the processes, built from the spans that they exported. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TraceSpan } from '@gatehouse/platform';
import { send } from './edge.ts';

/** One process on the path of a request. */
export interface Hop {
  /** The server span of the call. */
  readonly span: TraceSpan;
  /** What it did meanwhile, in order: a statement of SQL, or a call to the next process. */
  readonly steps: readonly (TraceSpan | Hop)[];
}

const POLL_MS = 100;
const TIMEOUT_MS = 30_000;
const TRANSACTION_WORDS: ReadonlySet<string> = new Set(['START', 'BEGIN', 'COMMIT', 'ROLLBACK']);

/**
 * Waits at most 30 seconds for all spans of a trace: processes export theirs about every second.
 *
 * @returns undefined when spans are missing after that.
 */
export async function readPath(
  tracesUrl: string,
  traceId: string,
  signal: AbortSignal,
): Promise<Hop | undefined> {
  const deadlineMs = Date.now() + TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    const response = await send(`${tracesUrl}/traces/${traceId}`, { signal });
    if (response.ok) {
      const { spans } = (await response.json()) as { spans: readonly TraceSpan[] };
      const path = pathOf(spans);
      if (path !== undefined) return path;
    } else {
      await response.body?.cancel();
    }
    await delay(POLL_MS, undefined, { signal });
  }
  return undefined;
}

/** @returns undefined while a span is missing. */
export function pathOf(spans: readonly TraceSpan[]): Hop | undefined {
  const first = spans.find(({ parentSpanId }) => parentSpanId === '');
  return first === undefined ? undefined : hopOf(spans, first);
}

/** Names of the processes on a path, outermost first. */
export function servicesOf(hop: Hop): readonly string[] {
  const inner = hop.steps.flatMap((step) => (isHop(step) ? servicesOf(step) : []));
  return [...new Set([hop.span.service, ...inner])];
}

export function isHop(step: TraceSpan | Hop): step is Hop {
  return 'steps' in step;
}

/** An attribute as text; `''` where there is none. */
export function attribute(span: TraceSpan, name: string): string {
  return String(span.attributes[name] ?? '');
}

function hopOf(spans: readonly TraceSpan[], span: TraceSpan): Hop | undefined {
  const steps: (TraceSpan | Hop)[] = [];
  for (const child of childrenOf(spans, span)) {
    if (attribute(child, 'db.query.text') !== '') {
      if (!TRANSACTION_WORDS.has(attribute(child, 'db.operation.name'))) steps.push(child);
      continue;
    }
    // The client span of a call has the server span as its child, which another process exports.
    const served = childrenOf(spans, child)[0];
    const hop = served === undefined ? undefined : hopOf(spans, served);
    if (hop === undefined) return undefined;
    steps.push(hop);
  }
  return { span, steps };
}

function childrenOf(spans: readonly TraceSpan[], { spanId }: TraceSpan): readonly TraceSpan[] {
  const children = spans.filter(({ parentSpanId }) => parentSpanId === spanId);
  return children.toSorted((a, b) => a.startMs - b.startMs);
}
