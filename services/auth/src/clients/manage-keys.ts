/** Public keys of clients, as operators register and remove them. */

import type { Clock, Records, Store } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import type { ClientKey } from './client-ports.ts';
import type { Operator } from './manage.ts';

/** Each is tried at an authentication. */
const MAX_KEYS = 5;

export interface ClientKeysParts {
  readonly store: Store;
  /** @returns undefined for a key that is not taken. */
  readonly readPublicKey: (publicKeySpki: Uint8Array) => ClientKey | undefined;
  readonly clock: Clock;
}

export interface ClientKeys {
  /**
   * @returns its thumbprint.
   * @throws auth.client_unknown, auth.client_key_invalid, auth.client_keys_full.
   */
  add(
    key: { readonly clientId: string; readonly publicKeySpki: Uint8Array },
    by: Operator,
  ): Promise<string>;
  /** @throws auth.client_unknown, auth.client_key_unknown. */
  remove(key: { readonly clientId: string; readonly kid: string }, by: Operator): Promise<void>;
}

export function createClientKeys(parts: ClientKeysParts): ClientKeys {
  const now = () => new Date(parts.clock.nowMs());

  return {
    async add({ clientId, publicKeySpki }, by) {
      const key = parts.readPublicKey(publicKeySpki);
      if (key === undefined) throw authErrors.CLIENT_KEY_INVALID();
      await parts.store.transaction(async (records) => {
        await assertActive(records, clientId);
        const { length } = await records.clients.keysOf(clientId);
        if (length >= MAX_KEYS) throw authErrors.CLIENT_KEYS_FULL();
        const isNew = await records.clients.addKey(clientId, key, now());
        if (!isNew) throw authErrors.CLIENT_KEY_INVALID();
        const entry = { actor: by.actor, action: 'client.key_added', target: clientId } as const;
        await records.audit.add(entry, by.origin, now());
      });
      return key.kid;
    },

    async remove({ clientId, kid }, by) {
      await parts.store.transaction(async (records) => {
        await assertActive(records, clientId);
        const isGone = await records.clients.removeKey(clientId, kid);
        if (!isGone) throw authErrors.CLIENT_KEY_UNKNOWN();
        const entry = { actor: by.actor, action: 'client.key_removed', target: clientId } as const;
        await records.audit.add(entry, by.origin, now());
      });
    },
  };
}

/** Holds the client's row, so that its keys are counted one after another. */
async function assertActive(records: Records, clientId: string): Promise<void> {
  const client = await records.clients.hold(clientId);
  if (client === undefined || client.disabledAt !== undefined) throw authErrors.CLIENT_UNKNOWN();
}
