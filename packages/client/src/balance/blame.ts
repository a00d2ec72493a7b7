/** What a failed call says about its copy, and whether another copy may be asked. */
import { type ErrorKind, GatehouseError } from '@gatehouse/errors';
import type { Outcome } from './rotation.ts';

const COPY_AT_FAULT: ReadonlySet<ErrorKind> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);
/** What a copy answers that has no keys of auth yet, before it looked at anything else. */
const NOT_YET = 'access.passport_unchecked';

/**
 * Whom a fault is to be blamed on: `bad` for a copy that was lost, late or unavailable; `good` for
 * any other answer; `open` when the caller went away, or what was thrown is no answer at all.
 */
export function outcomeOf(fault: unknown): Outcome {
  if (!(fault instanceof GatehouseError) || fault.kind === 'CANCELLED') return 'open';
  return COPY_AT_FAULT.has(fault.kind) ? 'bad' : 'good';
}

/**
 * Whether a call that failed so may be given to another copy: `always` when nothing was done (the copy
 * has no keys yet), `if safe` when something may have been (lost, or unavailable), `never` for an
 * answer that would be the same elsewhere, and when the time is over.
 */
export function mayAskAnother(fault: unknown): 'always' | 'if safe' | 'never' {
  if (!(fault instanceof GatehouseError) || fault.kind !== 'UNAVAILABLE') return 'never';
  return fault.code === NOT_YET ? 'always' : 'if safe';
}
