/** Where extension is: its replicas in turn, each call with core's own service token. */
import type { ServiceContext } from '@gatehouse/chassis';
import { coreErrors } from '../errors.ts';
import type { ExtensionTarget } from './client.ts';

/** For a call with its repeats, as the original core had it for each connection and each response. */
const TIMEOUT_MS = 3_000;

/**
 * Makes the way to extension. Nothing is fetched before the first call, so that core starts while auth is
 * unavailable.
 *
 * @param hasClient - false: every call fails with `core.no_client`.
 * @throws ConfigError when a setting for it is missing.
 */
export function extensionTarget(context: ServiceContext, hasClient: boolean): ExtensionTarget {
  if (hasClient) return context.http('extension', { policy: { timeoutMs: TIMEOUT_MS } });
  return {
    fetch: async () => {
      throw coreErrors.NO_CLIENT();
    },
  };
}
