/** What the cases of every capability stand on. */
import type { AuthDatabase } from '../database.ts';

/** The time, injected. */
export interface Clock {
  nowMs(): number;
}

/** Makes identifiers: prefix, underscore, 26 time-ordered characters. */
export type NewId = (prefix: string) => string;

/** Says that something was committed that watchers want to know; a hint, which may be lost. */
export type ChangeHint = () => void;

/** The parts that cases share. */
export interface Base {
  readonly database: AuthDatabase;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly hint: ChangeHint;
}

/** Where a request came from. */
export interface Origin {
  /** As the gateway saw it; empty when unknown. */
  readonly address: string;
  /** W3C trace id; empty when there is none. */
  readonly traceId: string;
  /** The passport's transaction, carried on to calls that this request causes. */
  readonly txn?: string;
}

/** An operator's request: who asks, and from where. */
export interface Operator {
  /** SPIFFE ID. */
  readonly actor: string;
  readonly origin: Origin;
}

/** The moment that a clock shows. */
export function nowOf(clock: Clock): Date {
  return new Date(clock.nowMs());
}
