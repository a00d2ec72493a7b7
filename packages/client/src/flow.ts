/**
 * What flows from a call that is served into the calls that it makes: the passport, and the time that is
 * left. It follows promises, timers and callbacks by async context; the trace follows by OpenTelemetry's.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** What work is done for, and until when. */
export interface Flow {
  /** The compact passport as it came. A secret: never log it. */
  readonly passport?: string | undefined;
  /** When the caller gives up, in milliseconds since the epoch. */
  readonly deadlineMs?: number | undefined;
}

const NOTHING: Flow = Object.freeze({});
const storage = new AsyncLocalStorage<Flow>();

/**
 * Runs work in a flow of its own; nothing of the flow around it is kept. For servers and consumers.
 *
 * @example
 * ```ts
 * import { currentPassport, withFlow } from '@gatehouse/client';
 *
 * const passport = withFlow({ passport: 'eyJ…' }, () => currentPassport());
 * console.log(passport === 'eyJ…');
 * ```
 */
export function withFlow<Result>(flow: Flow, work: () => Result): Result {
  return storage.run(flow, work);
}

/**
 * Runs work in the name that a passport speaks for; the deadline around it stays.
 *
 * @example
 * ```ts
 * import { withPassport } from '@gatehouse/client';
 *
 * async function importFor(passport: string, rows: readonly string[]) {
 *   await withPassport(passport, async () => {
 *     for (const row of rows) console.log(row);
 *   });
 * }
 * ```
 */
export function withPassport<Result>(passport: string, work: () => Result): Result {
  return storage.run({ ...currentFlow(), passport }, work);
}

/**
 * Runs work that goes on after the response to its caller: the passport stays, the deadline does not. A
 * passport ends within its minute all the same; work that outlives it needs one of its own.
 *
 * @example
 * ```ts
 * import { withoutDeadline } from '@gatehouse/client';
 *
 * function respond(notify: () => Promise<void>) {
 *   void withoutDeadline(notify);
 *   return { accepted: true };
 * }
 * ```
 */
export function withoutDeadline<Result>(work: () => Result): Result {
  const { passport } = currentFlow();
  return storage.run(passport === undefined ? NOTHING : { passport }, work);
}

/**
 * Binds a function to the current flow and trace: for a callback that is called by somebody else, such as
 * the listener of an emitter or the handler of a queue.
 *
 * @example
 * ```ts
 * import { EventEmitter } from 'node:events';
 * import { currentPassport, inThisFlow } from '@gatehouse/client';
 *
 * const jobs = new EventEmitter();
 * jobs.once('done', inThisFlow(() => console.log(currentPassport() !== undefined)));
 * ```
 */
export function inThisFlow<Args extends unknown[], Result>(
  work: (...args: Args) => Result,
): (...args: Args) => Result {
  return AsyncLocalStorage.bind(work);
}

/**
 * Returns the current flow; it is empty outside of every call.
 *
 * @example
 * ```ts
 * import { currentFlow } from '@gatehouse/client';
 *
 * const { deadlineMs } = currentFlow();
 * const leftMs = deadlineMs === undefined ? undefined : deadlineMs - Date.now();
 * console.log(leftMs);
 * ```
 */
export function currentFlow(): Flow {
  return storage.getStore() ?? NOTHING;
}

/**
 * Returns the compact passport of the current flow. A secret: never log it. Not checked here.
 *
 * @example
 * ```ts
 * import { currentPassport } from '@gatehouse/client';
 *
 * if (currentPassport() === undefined) throw new Error('this is done for somebody only');
 * ```
 */
export function currentPassport(): string | undefined {
  return storage.getStore()?.passport;
}
