/** Waiting for what many wait for, each as long as it likes. */
import { commonErrors } from '@gatehouse/errors';
import { clientErrors } from '../errors.ts';
import type { After } from '../timers.ts';

/** How long one caller waits. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Default: as long as it takes. */
  readonly timeoutMs?: number;
}

/**
 * Waits for shared work, whose outcome nobody else's time or signal changes.
 *
 * @throws GatehouseError `client.token_late` or `common.cancelled`, and what the work throws.
 */
export function waitFor<Result>(
  work: Promise<Result>,
  { signal, timeoutMs }: WaitOptions,
  after: After,
): Promise<Result> {
  if (signal === undefined && timeoutMs === undefined) return work;
  return new Promise((resolve, reject) => {
    const cancel = (): void => settle(() => reject(commonErrors.CANCELLED()));
    const callOff =
      timeoutMs === undefined
        ? () => undefined
        : after(timeoutMs, () => settle(() => reject(clientErrors.TOKEN_LATE())));
    const settle = (end: () => void): void => {
      callOff();
      signal?.removeEventListener('abort', cancel);
      end();
    };
    work.then(
      (result) => settle(() => resolve(result)),
      (error) => settle(() => reject(error)),
    );
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
  });
}
