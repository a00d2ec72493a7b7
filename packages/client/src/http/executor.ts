/** One executor for all that a process calls over HTTP. */
import {
  createHttpTarget,
  type HttpInit,
  type HttpTarget,
  type HttpTargetOptions,
} from './target.ts';

/** Which targets there are; what is said for all of them counts where a target says nothing. */
export interface ExecutorOptions
  extends Pick<HttpTargetOptions, 'tokens' | 'policy' | 'clock' | 'tracer'> {
  readonly targets: Readonly<Record<string, Omit<HttpTargetOptions, 'name'>>>;
}

/** Calls targets by their names. */
export interface InterServerExecutor {
  /** As {@link HttpTarget.fetch}. @throws TypeError when there is no such target. */
  fetch(target: string, path: string, init?: HttpInit): Promise<Response>;
  close(): void;
}

/**
 * Makes an executor. Each target has a breaker, a retry budget and connections of its own.
 *
 * @example
 * ```ts
 * import { createExecutor } from '@gatehouse/client';
 *
 * const executor = createExecutor({
 *   policy: { timeoutMs: 3_000 },
 *   targets: { shelf: { addresses: ['http://10.0.0.5:8092'] } },
 * });
 * const response = await executor.fetch('shelf', '/books/42');
 * console.log(await response.json());
 * ```
 *
 * @throws TypeError when an address is no base URL that can be used.
 */
export function createExecutor({ targets, ...common }: ExecutorOptions): InterServerExecutor {
  const byName = new Map<string, HttpTarget>(
    Object.entries(targets).map(([name, options]) => [
      name,
      createHttpTarget({ ...common, ...options, name }),
    ]),
  );
  return {
    fetch: async (name, path, init) => {
      const target = byName.get(name);
      if (target === undefined) throw new TypeError(`there is no target ${name}`);
      return await target.fetch(path, init);
    },
    close: () => {
      for (const target of byName.values()) target.close();
    },
  };
}
