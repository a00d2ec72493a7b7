/** Public keys of clients, as operators register and remove them. */
import * as audit from '../audit/store.ts';
import { type Base, nowOf, type Operator } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import type { Db } from '../database.ts';
import { readClientKey } from './assertions.ts';
import * as clientKeys from './key-store.ts';
import * as clients from './store.ts';

/** Each is tried at an authentication. */
const MAX_KEYS = 5;

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

export function createClientKeys({ database, clock }: Base): ClientKeys {
  return {
    async add({ clientId, publicKeySpki }, { actor, origin }) {
      const key = readClientKey(publicKeySpki);
      if (key === undefined) throw authErrors.CLIENT_KEY_INVALID();
      await database.transaction(async (tx) => {
        const now = nowOf(clock);
        await assertActive(tx, clientId);
        const { length } = await clientKeys.list(tx, clientId);
        if (length >= MAX_KEYS) throw authErrors.CLIENT_KEYS_FULL();
        const isNew = await clientKeys.add(tx, clientId, { ...key, now });
        if (!isNew) throw authErrors.CLIENT_KEY_INVALID();
        const entry = { actor, action: 'client.key_added', target: clientId } as const;
        await audit.record(tx, { ...entry, origin, at: now });
      });
      return key.kid;
    },

    async remove({ clientId, kid }, { actor, origin }) {
      await database.transaction(async (tx) => {
        await assertActive(tx, clientId);
        const isGone = await clientKeys.remove(tx, clientId, kid);
        if (!isGone) throw authErrors.CLIENT_KEY_UNKNOWN();
        const entry = { actor, action: 'client.key_removed', target: clientId } as const;
        await audit.record(tx, { ...entry, origin, at: nowOf(clock) });
      });
    },
  };
}

/** Holds the client's row, so that its keys are counted one after another. */
async function assertActive(tx: Db, clientId: string): Promise<void> {
  const client = await clients.hold(tx, clientId);
  if (client === undefined || client.disabledAt !== undefined) throw authErrors.CLIENT_UNKNOWN();
}
