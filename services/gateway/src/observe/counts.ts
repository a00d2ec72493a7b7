/** Counts of requests that are told to the meter when it is asked, and how long each took. */
import type { Series, Telemetry } from '@gatehouse/chassis';
import type { Attributes } from '@opentelemetry/api';
import { edgeInstruments } from './instruments.ts';

/** What tells the requests of one count from others. */
export interface Counted {
  readonly verb: string;
  readonly route: string;
}

export interface Counts {
  begin(): void;
  /** @returns the attributes of its count: the same object for equal ones. */
  end(counted: Counted, status: number, tookMs: number): Attributes;
}

interface Count {
  readonly attributes: Attributes;
  readonly durations: Series;
  untold: number;
}

/**
 * Makes the counts. Told in a batch at each collection, since a counter of the SDK takes longer to
 * find its series than all that is counted here.
 */
export function createCounts(telemetry: Pick<Telemetry, 'meter' | 'histogram'>): Counts {
  const { meter } = telemetry;
  const { requests, durations, active } = edgeInstruments(telemetry);
  // Routes, verbs and statuses are few.
  const byRoute = new Map<string, Map<number, Count>>();
  let begun = 0;
  let told = 0;
  const newCount = (counted: Counted, status: number): Count => {
    const attributes = attributesOf(counted, status);
    return { attributes, durations: durations.series(attributes), untold: 0 };
  };
  const tell = (): void => {
    for (const counts of byRoute.values()) {
      for (const count of counts.values()) {
        if (count.untold > 0) requests.add(count.untold, count.attributes);
        count.untold = 0;
      }
    }
    active.add(begun - told);
    told = begun;
  };
  const watched = meter.createObservableGauge('gatehouse.edge.routes', {
    description: 'Routes, by verb, that were asked for since the start',
  });
  meter.addBatchObservableCallback(
    (result) => {
      tell();
      result.observe(watched, byRoute.size);
    },
    [watched],
  );
  return {
    begin: () => {
      begun += 1;
    },
    end: ({ verb, route }, status, tookMs) => {
      begun -= 1;
      const key = `${verb} ${route}`;
      const counts = byRoute.get(key) ?? new Map<number, Count>();
      byRoute.set(key, counts);
      const count = counts.get(status) ?? newCount({ verb, route }, status);
      counts.set(status, count);
      count.untold += 1;
      count.durations.record(tookMs / 1000);
      return count.attributes;
    },
  };
}

function attributesOf({ verb, route }: Counted, status: number): Attributes {
  return Object.freeze({
    'http.request.method': verb,
    'http.route': route,
    'http.response.status_code': status,
  });
}
