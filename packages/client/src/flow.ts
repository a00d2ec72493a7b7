/**
 * What flows from a call that is served into the calls that it makes: the passport, and the time that is
 * left. It follows promises, timers and callbacks by async context; the trace follows by OpenTelemetry's.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** What work is done for, and until when. */
export interface Flow {
  /** The compact passport as it came. A secret: never log it. */
  readonly passport?: string;
  /** When whoever asked gives up, in milliseconds since the epoch. */
  readonly deadlineMs?: number;
}

const NOTHING: Flow = Object.freeze({});
const storage = new AsyncLocalStorage<Flow>();

/** Runs work in a flow of its own; nothing of the flow around it is kept. For servers and consumers. */
export function withFlow<Result>(flow: Flow, work: () => Result): Result {
  return storage.run(flow, work);
}

/** Runs work for whom a passport speaks; the deadline around it stays. */
export function withPassport<Result>(passport: string, work: () => Result): Result {
  return storage.run({ ...currentFlow(), passport }, work);
}

/**
 * Runs work that goes on after its caller was answered: the passport stays, the deadline does not. A
 * passport ends within its minute all the same; work that outlives it needs one of its own.
 */
export function withoutDeadline<Result>(work: () => Result): Result {
  const { passport } = currentFlow();
  return storage.run(passport === undefined ? NOTHING : { passport }, work);
}

/**
 * A function that later runs in the flow of now, and in its trace: for a callback that is called by
 * somebody else, such as the listener of an emitter or the handler of a queue.
 */
export function inThisFlow<Args extends unknown[], Result>(
  work: (...args: Args) => Result,
): (...args: Args) => Result {
  return AsyncLocalStorage.bind(work);
}

/** The flow of now; empty outside of every call. */
export function currentFlow(): Flow {
  return storage.getStore() ?? NOTHING;
}

/** The passport of now. A secret: never log it. */
export function currentPassport(): string | undefined {
  return storage.getStore()?.passport;
}
