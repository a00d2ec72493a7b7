import { GatehouseError } from '@gatehouse/errors';
import { type Span, SpanStatusCode } from '@opentelemetry/api';

/**
 * Marks a span as failed. Its `error.type` is the stable code, or the name of an error that has none.
 *
 * @example
 * ```ts
 * import { markFailed } from '@gatehouse/client';
 * import { trace } from '@opentelemetry/api';
 *
 * const span = trace.getTracer('shop').startSpan('import');
 * markFailed(span, new TypeError('no such file'));
 * span.end();
 * ```
 */
export function markFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', errorType(error));
}

function errorType(error: unknown): string {
  if (error instanceof GatehouseError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
