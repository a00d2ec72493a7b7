/** Where extension is: its copies in turn, each call with core's own service token. */
import type { ServiceContext } from '@gatehouse/chassis';
import {
  clientCredentialsToken,
  createTokenManager,
  type FetchToken,
  originalWireToken,
  secretFromFile,
  type TokenManager,
} from '@gatehouse/client';
import type { ExtensionConfig } from '../config.ts';
import { coreErrors } from '../errors.ts';
import type { ExtensionTarget } from './client.ts';

const TIMEOUT_MS = 3_000;

/**
 * Makes the way to extension. A call that is refused as 401 is repeated once with a new token; one that
 * takes longer than 3 s fails. Nothing is fetched before the first call.
 *
 * @param config - undefined: core has no client, and every call fails with `core.no_client`.
 */
export function extensionTarget(
  context: ServiceContext,
  config: ExtensionConfig | undefined,
): ExtensionTarget {
  if (config === undefined) {
    return {
      fetch: async () => {
        throw coreErrors.NO_CLIENT();
      },
    };
  }
  const tokens = createTokenManager({ fetchToken: fetchTokenOf(config), clock: context.clock });
  context.onClose(async () => tokens.close());
  let turn = 0;
  return {
    fetch: async (path, init) => {
      const base = config.addresses[turn % config.addresses.length];
      turn += 1;
      const { signal } = init;
      const token = await tokens.get({ signal });
      const url = new URL(path, base);
      const answer = await send(url, init, token);
      if (answer.status !== 401) return answer;
      await answer.body?.cancel();
      return send(url, init, await tokens.reject(token));
    },
  };
}

function send(
  url: URL,
  init: Parameters<ExtensionTarget['fetch']>[1],
  token: Awaited<ReturnType<TokenManager['get']>>,
): Promise<Response> {
  const headers = { ...init.headers, authorization: `Bearer ${token}` };
  const signal = AbortSignal.any([init.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  return fetch(url, { ...init, headers, signal, redirect: 'manual' });
}

function fetchTokenOf({ wire, tokenUrl, clientId, secretFile }: ExtensionConfig): FetchToken {
  const clientSecret = secretFromFile(secretFile);
  return wire === 'original'
    ? originalWireToken({ url: tokenUrl, clientId, clientSecret })
    : clientCredentialsToken({ tokenUrl, clientId, clientSecret });
}
