import { markFailed } from '@gatehouse/client';
import {
  type Attributes,
  context,
  type Span,
  type SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** A span to be made around some work. */
export interface SpanOptions {
  readonly tracer: Tracer;
  readonly name: string;
  readonly kind?: SpanKind;
  /** Never a token, a secret or a value that a person typed. */
  readonly attributes?: Attributes;
}

/**
 * Runs work inside a span of its own, as a child of the active one, and ends it whatever happens.
 * A failure is marked with the error's stable code or type, not with its message.
 *
 * @example
 * ```ts
 * import { type ServiceContext, withSpan } from '@gatehouse/chassis';
 *
 * export const counted = ({ telemetry: { tracer } }: ServiceContext, items: readonly string[]) =>
 *   withSpan({ tracer, name: 'count', attributes: { items: items.length } }, async (span) => {
 *     span.addEvent('counted');
 *     return items.length;
 *   });
 * ```
 */
export async function withSpan<Result>(
  options: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const { tracer, name, kind, attributes } = options;
  const span = tracer.startSpan(name, {
    ...(kind === undefined ? {} : { kind }),
    ...(attributes === undefined ? {} : { attributes }),
  });
  try {
    return await context.with(trace.setSpan(context.active(), span), work, undefined, span);
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}
