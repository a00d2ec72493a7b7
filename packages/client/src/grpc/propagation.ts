/** Carries the trace context (W3C `traceparent`, `tracestate`) in gRPC metadata. */
import type { Metadata } from '@grpc/grpc-js';
import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';

/**
 * Reads and writes the trace context of gRPC metadata.
 *
 * @example
 * ```ts
 * import { metadataCarrier } from '@gatehouse/client/grpc';
 * import { Metadata } from '@grpc/grpc-js';
 * import { context, propagation } from '@opentelemetry/api';
 *
 * const metadata = new Metadata();
 * propagation.inject(context.active(), metadata, metadataCarrier);
 * ```
 */
export const metadataCarrier: TextMapGetter<Metadata> & TextMapSetter<Metadata> = {
  keys: (metadata) => Object.keys(metadata.getMap()),
  get: (metadata, key) => {
    const values = metadata.get(key).map(String);
    // Two parents are no parent: W3C Trace Context, section 3.2.
    return values.length === 1 ? values[0] : undefined;
  },
  set: (metadata, key, value) => metadata.set(key, value),
};
