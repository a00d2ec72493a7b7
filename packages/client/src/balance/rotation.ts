/** Which copy of a service gets the next call. Used by the gateway and by the clients of services. */
import type { Clock } from '@gatehouse/tokens';

/**
 * How a call went, as far as its copy is to blame: `good` (it answered, be it with an error), `bad`
 * (lost, too late, or unavailable), `open` (the caller went away, or it never reached the copy).
 */
export type Outcome = 'good' | 'bad' | 'open';

/** One call given to a copy. */
export interface Turn<Copy> {
  readonly copy: Copy;
  /** Must be called once, when the call has ended. */
  settle(outcome: Outcome): void;
}

/** Shares calls among the copies of one service. */
export interface Rotation<Copy> {
  /**
   * @param tried - copies to leave out.
   * @returns undefined when no copy that is up is left.
   */
  next(tried?: ReadonlySet<Copy>): Turn<Copy> | undefined;
}

/** What a rotation goes by. */
export interface RotationOptions<Copy> {
  readonly copies: readonly Copy[];
  /** Whether calls can be given to a copy now, without waiting for a connection. */
  readonly isUp: (copy: Copy) => boolean;
  readonly clock: Clock;
}

const BAD_IN_A_ROW = 5;
const FIRST_EJECTION_MS = 2_000;
const MAX_EJECTION_MS = 30_000;
const WARM_UP_MS = 10_000;
const FIRST_SHARE = 0.1;

interface State<Copy> {
  readonly copy: Copy;
  wasUp: boolean;
  inFlight: number;
  badInARow: number;
  ejections: number;
  ejectedUntilMs: number;
  /** Since when its share of the calls rises. */
  risesFromMs: number;
  /** What smooth weighted round robin owes it. */
  credit: number;
}

/**
 * Smooth weighted round robin. A copy weighs less the more calls it has in flight, so one that is
 * slow gets fewer.
 *
 * A copy that comes up while others work begins with a tenth of its share and has all of it after
 * ten seconds. Five bad calls in a row eject a copy for two seconds, then four, up to thirty; it
 * comes back as slowly. A copy that is ejected is still used when no other is up, so a fault that all
 * of them have (a database that is away) ejects nobody for good.
 *
 * Not done here: connecting, repeating, and knowing which copies there are.
 */
export function createRotation<Copy>(options: RotationOptions<Copy>): Rotation<Copy> {
  const { clock, isUp } = options;
  const states = options.copies.map(newState);
  return {
    next: (tried) => {
      const nowMs = clock.nowMs();
      noteArrivals(states, isUp, nowMs);
      const up = states.filter(({ wasUp, copy }) => wasUp && tried?.has(copy) !== true);
      const sound = up.filter(({ ejectedUntilMs }) => ejectedUntilMs <= nowMs);
      const chosen = heaviest(sound.length > 0 ? sound : up, nowMs);
      return chosen === undefined ? undefined : beginTurn(chosen, clock);
    },
  };
}

function newState<Copy>(copy: Copy): State<Copy> {
  return {
    copy,
    wasUp: false,
    inFlight: 0,
    badInARow: 0,
    ejections: 0,
    ejectedUntilMs: 0,
    risesFromMs: Number.NEGATIVE_INFINITY,
    credit: 0,
  };
}

function noteArrivals<Copy>(
  states: readonly State<Copy>[],
  isUp: (copy: Copy) => boolean,
  nowMs: number,
): void {
  const othersWork = states.some(({ wasUp }) => wasUp);
  for (const state of states) {
    const up = isUp(state.copy);
    if (up && !state.wasUp) {
      state.badInARow = 0;
      state.credit = 0;
      state.risesFromMs = othersWork ? nowMs : Number.NEGATIVE_INFINITY;
    }
    state.wasUp = up;
  }
}

function heaviest<Copy>(among: readonly State<Copy>[], nowMs: number): State<Copy> | undefined {
  let chosen: State<Copy> | undefined;
  let total = 0;
  for (const state of among) {
    const weight = shareOf(state, nowMs) / (1 + state.inFlight);
    state.credit += weight;
    total += weight;
    if (chosen === undefined || state.credit > chosen.credit) chosen = state;
  }
  if (chosen !== undefined) chosen.credit -= total;
  return chosen;
}

function shareOf({ risesFromMs }: State<unknown>, nowMs: number): number {
  const risen = Math.max(0, nowMs - risesFromMs) / WARM_UP_MS;
  return Math.min(1, FIRST_SHARE + (1 - FIRST_SHARE) * risen);
}

function beginTurn<Copy>(state: State<Copy>, clock: Clock): Turn<Copy> {
  state.inFlight += 1;
  return {
    copy: state.copy,
    settle: (outcome) => {
      state.inFlight -= 1;
      if (outcome === 'bad') noteBad(state, clock.nowMs());
      if (outcome === 'good') noteGood(state, clock.nowMs());
    },
  };
}

function noteBad(state: State<unknown>, nowMs: number): void {
  state.badInARow += 1;
  // Calls that were in flight when it was ejected say nothing new.
  if (state.badInARow < BAD_IN_A_ROW || state.ejectedUntilMs > nowMs) return;
  const forMs = Math.min(MAX_EJECTION_MS, FIRST_EJECTION_MS * 2 ** state.ejections);
  state.badInARow = 0;
  state.credit = 0;
  state.ejections += 1;
  state.ejectedUntilMs = nowMs + forMs;
  state.risesFromMs = state.ejectedUntilMs;
}

function noteGood(state: State<unknown>, nowMs: number): void {
  state.badInARow = 0;
  if (nowMs - state.risesFromMs > WARM_UP_MS) state.ejections = 0;
}
