import { markFailed } from '@gatehouse/client';
import { type GatehouseError, isOurFault } from '@gatehouse/errors';
import type { Span } from '@opentelemetry/api';
import type { Logger } from 'pino';

const DENIED: ReadonlySet<string> = new Set(['UNAUTHENTICATED', 'PERMISSION_DENIED']);

/** What failed. */
export interface Failed {
  readonly what: 'call' | 'request';
  readonly log: Logger;
  readonly span: Span | undefined;
  /** On every line. */
  readonly line: object;
  /** On the line of one that was denied. */
  readonly who: () => object;
}

/** The one place where a failure is logged: the whole error when it is our fault, else its code. */
export function reportFailure(error: GatehouseError, { what, log, span, ...rest }: Failed): void {
  const line = { ...rest.line, code: error.code };
  if (isOurFault(error.kind)) {
    if (span !== undefined) markFailed(span, error);
    log.error({ ...line, err: error }, `a ${what} failed`);
    return;
  }
  span?.setAttribute('error.type', error.code);
  if (error.kind === 'UNAVAILABLE') {
    log.warn({ ...line, err: error }, `a ${what} could not be served`);
  } else if (DENIED.has(error.kind)) {
    const reason = error.cause instanceof Error ? error.cause.message : undefined;
    log.info({ ...line, reason, ...rest.who() }, `a ${what} was denied`);
  } else log.debug(line, `a ${what} was rejected`);
}
