/** The OpenTelemetry SDK, set up by hand: traces out by OTLP, metrics read by Prometheus. */
import { context, type Meter, metrics, propagation, type Tracer, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { type Histogram, type HistogramOptions, Histograms } from './histogram.ts';
import { observeProcess } from './process-metrics.ts';

/** How long the last spans may take to leave when the process ends. */
const FLUSH_TIMEOUT_MS = 2_000;

const SCOPE = 'gatehouse';

/** How telemetry is set up. */
export interface TelemetryOptions {
  /** `service.name` of every span and metric. */
  readonly name: string;
  /** Base of an OTLP/HTTP collector, as OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:4318`. */
  readonly otlpEndpoint?: URL | undefined;
  /** Base of a second one: the small collector of the embedded default. */
  readonly traceView?: URL | undefined;
  /** More receivers of finished spans; tests read them here. */
  readonly spanProcessors?: readonly SpanProcessor[] | undefined;
}

/** Traces and metrics of one process. */
export interface Telemetry {
  readonly tracer: Tracer;
  readonly meter: Meter;
  /**
   * A histogram for those who record at each request: its series are kept. The same one for the same
   * name. Not checked: that `meter` has none of that name, which would print it twice.
   */
  histogram(name: string, options: HistogramOptions): Histogram;
  /** Whether finished spans go anywhere. Where they do not, who counts microseconds makes none. */
  readonly exporting: boolean;
  /** All metrics in the text format of Prometheus. */
  metricsText(): Promise<string>;
  /** Sends what is left, at most for two seconds, and stops. Never throws. */
  close(): Promise<void>;
}

/**
 * Starts telemetry and makes it the process's own, so that the OpenTelemetry API works in every
 * package. Context follows async calls; `traceparent` is W3C's. Without an endpoint spans exist
 * (their ids are in the logs) and go nowhere.
 *
 * Of several in one process (tests), the first is what the global API uses until it is closed.
 *
 * @example
 * ```ts
 * import { startTelemetry } from '@gatehouse/chassis';
 *
 * const telemetry = startTelemetry({ name: 'import', otlpEndpoint: new URL('http://localhost:4318') });
 * telemetry.meter.createCounter('imported').add(3);
 * await telemetry.close();
 * ```
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const resource = resourceFromAttributes({ 'service.name': options.name });
  const spanProcessors = processorsOf(options);
  const tracerProvider = new TracerProvider({ resource, spanProcessors });
  const histograms = new Histograms(SCOPE);
  const reader = new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [histograms],
  });
  const meterProvider = new MeterProvider({ resource, readers: [reader] });
  const releaseGlobals = takeGlobals(tracerProvider, meterProvider);
  const meter = meterProvider.getMeter(SCOPE);
  const stopObserving = observeProcess(meter);
  // No time stamps, no labels of resource and scope: the scrape knows whom it asked.
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  return {
    tracer: tracerProvider.getTracer(SCOPE),
    meter,
    histogram: (name, histogramOptions) => histograms.histogram(name, histogramOptions),
    exporting: spanProcessors.length > 0,
    metricsText: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    close: async () => {
      stopObserving();
      await withinTime(tracerProvider.shutdown(), FLUSH_TIMEOUT_MS);
      await withinTime(meterProvider.shutdown(), FLUSH_TIMEOUT_MS);
      releaseGlobals();
    },
  };
}

function processorsOf(options: TelemetryOptions): SpanProcessor[] {
  const { otlpEndpoint, traceView, spanProcessors = [] } = options;
  const collectors = [otlpEndpoint, traceView].filter((url) => url !== undefined);
  return [...spanProcessors, ...collectors.map(exporterTo)];
}

function exporterTo(collector: URL): SpanProcessor {
  const url = `${collector.href.replace(/\/$/, '')}/v1/traces`;
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url }),
    scheduledDelayMillis: 1_000,
  });
}

function takeGlobals(tracers: TracerProvider, meters: MeterProvider): () => void {
  const manager = new AsyncLocalStorageContextManager().enable();
  // The context manager and the propagator hold nothing of one service: whoever came first serves all.
  if (!context.setGlobalContextManager(manager)) manager.disable();
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const ownsTraces = trace.setGlobalTracerProvider(tracers);
  const ownsMetrics = metrics.setGlobalMeterProvider(meters);
  return () => {
    if (ownsTraces) trace.disable();
    if (ownsMetrics) metrics.disable();
  };
}

async function withinTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  // An unreachable collector must not keep the process alive or fail its shutdown.
  await Promise.race([work.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
