import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';

/** Distance between two looks at the event loop. */
const RESOLUTION_MS = 50;

/**
 * Memory and event loop of the process: `process.memory.usage` in bytes (resident set), and
 * `nodejs.eventloop.delay.p99` in seconds since the metrics were last read.
 *
 * @returns how to stop.
 */
export function observeProcess(meter: Meter): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  meter
    .createObservableGauge('process.memory.usage', { unit: 'By', description: 'Resident memory' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge('nodejs.eventloop.delay.p99', {
      unit: 's',
      description: 'How late the event loop was in the slowest hundredth of looks',
    })
    .addCallback((result) => {
      // The histogram holds the whole distance between two looks, the wanted part included.
      const lateMs = delay.percentile(99) / 1e6 - RESOLUTION_MS;
      result.observe(Math.max(0, lateMs) / 1_000);
      delay.reset();
    });
  return () => delay.disable();
}
