/** Histograms whose series are looked up once and kept, for those who record at each request. */
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type HistogramMetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';

/** Most series of one histogram, the one for all that are over it included: as many as the SDK has. */
export const MAX_SERIES = 2_000;

const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

/** What a histogram shows. */
export interface HistogramOptions {
  readonly description: string;
  /** As UCUM writes it: `s`. */
  readonly unit: string;
  /** Upper bounds of the buckets, each inside its own. Not checked: finite, and ascending. */
  readonly boundaries: readonly number[];
}

/** The values of one set of attributes. */
export interface Series {
  /**
   * Costs a few comparisons and additions; once the engine has compiled it, it makes no garbage.
   *
   * @param value - in the unit of the histogram. Below zero, or not a number: left out.
   */
  record(value: number): void;
}

/** Values in buckets, by attributes, since the start of the process. */
export interface Histogram {
  /**
   * Takes about as long as a record of the SDK: keep what it returns. A series is printed once it
   * has a value.
   *
   * @returns the same one for equal attributes, whatever their order. Beyond 1 999 different ones,
   *   that of `otel.metric.overflow`.
   */
  series(attributes: Attributes): Series;
}

/**
 * The histograms of one process. Its reader collects them beside those of the SDK, and prints them
 * the same way. No minimum and maximum are kept, since Prometheus has no place for them.
 */
export class Histograms implements MetricProducer {
  readonly #scope: string;
  readonly #byName = new Map<string, BoundHistogram>();

  /** @param scope - name of the scope that the metrics are said to be from. */
  constructor(scope: string) {
    this.#scope = scope;
  }

  /**
   * @returns the same one for the same name, with the options that came first. Not checked: whether
   *   the SDK has a metric of that name, which would then be printed twice.
   */
  histogram(name: string, options: HistogramOptions): Histogram {
    const histogram = this.#byName.get(name) ?? new BoundHistogram(name, options);
    this.#byName.set(name, histogram);
    return histogram;
  }

  /** For the reader. Values count from the start, not from the last collection. */
  async collect(): Promise<CollectionResult> {
    const endTime = hrTime();
    const metrics = [...this.#byName.values()]
      .map((histogram) => histogram.collect(endTime))
      .filter(({ dataPoints }) => dataPoints.length > 0);
    const scopeMetrics = [{ scope: { name: this.#scope }, metrics }];
    // The reader takes the resource of the SDK.
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }
}

type Point = HistogramMetricData['dataPoints'][number];

class BoundHistogram implements Histogram {
  readonly #descriptor: HistogramMetricData['descriptor'];
  readonly #boundaries: readonly number[];
  readonly #byKey = new Map<string, BoundSeries>();

  constructor(name: string, { description, unit, boundaries }: HistogramOptions) {
    this.#descriptor = { name, description, unit, valueType: ValueType.DOUBLE };
    this.#boundaries = [...boundaries];
  }

  series(attributes: Attributes): Series {
    const key = keyOf(attributes);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    // The last place is for all that find none.
    if (this.#byKey.size < MAX_SERIES - 1) return this.#add(key, attributes);
    const overflow = keyOf(OVERFLOW);
    return this.#byKey.get(overflow) ?? this.#add(overflow, OVERFLOW);
  }

  collect(endTime: HrTime): HistogramMetricData {
    return {
      descriptor: this.#descriptor,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [...this.#byKey.values()]
        .map((series) => series.collect(endTime))
        .filter(({ value }) => value.count > 0),
    };
  }

  #add(key: string, attributes: Attributes): BoundSeries {
    const series = new BoundSeries({ ...attributes }, this.#boundaries);
    this.#byKey.set(key, series);
    return series;
  }
}

class BoundSeries implements Series {
  readonly #attributes: Attributes;
  readonly #boundaries: readonly number[];
  readonly #startTime = hrTime();
  /** By bucket; the last is above all boundaries. */
  readonly #counts: number[];
  #sum = 0;

  constructor(attributes: Attributes, boundaries: readonly number[]) {
    this.#attributes = attributes;
    this.#boundaries = boundaries;
    this.#counts = Array.from({ length: boundaries.length + 1 }, () => 0);
  }

  record(value: number): void {
    // Asked this way round, since NaN is neither below zero nor above.
    if (!(value >= 0)) return;
    const boundaries = this.#boundaries;
    let bucket = 0;
    // One after the other, since most requests are quick; by index and inside the length, since an
    // iterator, or a look past the end, would make garbage at each value.
    while (bucket < boundaries.length && value > (boundaries[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  collect(endTime: HrTime): Point {
    // Copies: values may come while the reader waits for others.
    const counts = [...this.#counts];
    return {
      attributes: this.#attributes,
      startTime: this.#startTime,
      endTime,
      value: {
        buckets: { boundaries: [...this.#boundaries], counts },
        sum: this.#sum,
        count: counts.reduce((total, count) => total + count, 0),
      },
    };
  }
}

function keyOf(attributes: Attributes): string {
  const names = Object.keys(attributes).sort();
  return JSON.stringify(names.map((name) => [name, attributes[name]]));
}
