/** Stops calls to a target that fails, so that they fail at once and it can recover. */
import type { Clock } from '@gatehouse/tokens';
import type { Outcome } from './outcome.ts';

/** Settings of the circuit breaker. */
export interface BreakerSettings {
  /** Opens at this share of calls that failed, 0 to 1. */
  readonly failureRatio: number;
  /** Counts only so many calls and more within the window. */
  readonly minCalls: number;
  readonly windowMs: number;
  /** How long it stays open before it tries again. */
  readonly openMs: number;
  /** So many calls at once try it, and so many must succeed in a row. */
  readonly probes: number;
}

/** Closed: calls go. Open: none goes. Half-open: a few try. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** The breaker of one target. */
export interface Breaker {
  readonly state: BreakerState;
  /**
   * Lets a call go.
   *
   * @returns to be called once, with how the call ended; undefined when the call must not go.
   */
  enter(): ((outcome: Outcome) => void) | undefined;
}

/** What a breaker goes by. */
export interface BreakerOptions {
  readonly settings: BreakerSettings;
  readonly clock: Clock;
  readonly onChange?: (state: BreakerState) => void;
}

const SLICES = 10;

interface Slice {
  /** Which slice of time this counts. */
  readonly index: number;
  good: number;
  bad: number;
}

/**
 * Opens when, within the window, there were `minCalls` and `failureRatio` of them were bad. After `openMs` it
 * lets `probes` calls try at a time: one that is bad opens it again, `probes` good ones in a row close it.
 * An outcome that is `open` (the caller went away) counts for nothing.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  return new CountingBreaker(options);
}

class CountingBreaker implements Breaker {
  readonly #settings: BreakerSettings;
  readonly #clock: Clock;
  readonly #onChange: (state: BreakerState) => void;
  readonly #sliceMs: number;
  #slices: (Slice | undefined)[] = [];
  #state: BreakerState = 'closed';
  #openedAtMs = 0;
  #probing = 0;
  #goodProbes = 0;

  constructor({ settings, clock, onChange = () => undefined }: BreakerOptions) {
    this.#settings = settings;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#sliceMs = settings.windowMs / SLICES;
  }

  get state(): BreakerState {
    return this.#state;
  }

  enter(): ((outcome: Outcome) => void) | undefined {
    if (this.#state === 'closed') return this.#counted;
    if (this.#state === 'open' && this.#hasWaited()) this.#change('half-open');
    if (this.#state === 'open' || this.#probing >= this.#settings.probes) return undefined;
    this.#probing += 1;
    return this.#probed;
  }

  // Made once, not for each call.
  readonly #counted = (outcome: Outcome): void => {
    if (outcome === 'open' || this.#state !== 'closed') return;
    this.#slice()[outcome] += 1;
    if (outcome === 'bad' && this.#isTooBad()) this.#change('open');
  };

  readonly #probed = (outcome: Outcome): void => {
    this.#probing -= 1;
    if (this.#state !== 'half-open' || outcome === 'open') return;
    if (outcome === 'good') this.#goodProbes += 1;
    if (outcome === 'bad') this.#change('open');
    else if (this.#goodProbes >= this.#settings.probes) this.#change('closed');
  };

  #slice(): Slice {
    const index = Math.floor(this.#clock.nowMs() / this.#sliceMs);
    const known = this.#slices[index % SLICES];
    if (known?.index === index) return known;
    const slice = { index, good: 0, bad: 0 };
    this.#slices[index % SLICES] = slice;
    return slice;
  }

  #isTooBad(): boolean {
    const { minCalls, failureRatio } = this.#settings;
    const newest = Math.floor(this.#clock.nowMs() / this.#sliceMs);
    let [good, bad] = [0, 0];
    for (const slice of this.#slices) {
      // Slices to come are of a clock that was set back.
      if (slice === undefined || slice.index <= newest - SLICES || slice.index > newest) continue;
      good += slice.good;
      bad += slice.bad;
    }
    const calls = good + bad;
    return calls >= minCalls && bad >= calls * failureRatio;
  }

  #hasWaited(): boolean {
    const sinceMs = this.#clock.nowMs() - this.#openedAtMs;
    return sinceMs < 0 || sinceMs >= this.#settings.openMs;
  }

  #change(state: BreakerState): void {
    this.#state = state;
    this.#goodProbes = 0;
    if (state === 'open') this.#openedAtMs = this.#clock.nowMs();
    if (state === 'closed') this.#slices = [];
    this.#onChange(state);
  }
}
