import type { Telemetry } from '@gatehouse/chassis';

// Seconds, as OpenTelemetry's semantic conventions advise for HTTP servers.
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What is counted at the edge. Asking twice gives the same ones. */
export function edgeInstruments({ meter, histogram }: Pick<Telemetry, 'meter' | 'histogram'>) {
  return {
    requests: meter.createCounter('gatehouse.edge.requests', {
      description: 'Requests that the edge responded to',
    }),
    durations: histogram('http.server.request.duration', {
      unit: 's',
      description: 'Time from a request’s head to its response',
      boundaries: BUCKETS,
    }),
    refused: meter.createCounter('gatehouse.edge.connections.refused', {
      description: 'Connections that were over a limit',
    }),
    active: meter.createUpDownCounter('http.server.active_requests', {
      description: 'Requests that are being worked on',
    }),
  };
}
