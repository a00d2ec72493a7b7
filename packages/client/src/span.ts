import { GatehouseError } from '@gatehouse/errors';
import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** Marks a span as failed; `error.type` is the stable code, or the type of a foreign error. */
export function markFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', errorType(error));
}

function errorType(error: unknown): string {
  if (error instanceof GatehouseError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
