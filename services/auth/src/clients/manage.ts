/** Clients, as operators make, change and end them. */

import type { ChangeHint, Clock, NewId, Origin, Records, Store } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';
import type { ClientWithSecrets } from './client-ports.ts';
import type { Client, ClientSecret } from './rules.ts';

/** Makes and compares client secrets. */
export interface ClientSecrets {
  /** 256 random bits. */
  create(): string;
  /** SHA-256. */
  hash(secret: string): Buffer;
  /** Compares in constant time, whatever is equal. */
  isOneOf(secret: string, hashes: readonly Buffer[]): boolean;
}

export interface ClientsParts {
  readonly store: Store;
  readonly clientSecrets: ClientSecrets;
  /** SPIFFE IDs of the workloads that it stands for. */
  readonly identitiesOf: (client: Client) => readonly string[];
  readonly newId: NewId;
  readonly clock: Clock;
  readonly hint: ChangeHint;
}

/** An operator's request: who asks, and from where. */
export interface Operator {
  /** SPIFFE ID. */
  readonly actor: string;
  readonly origin: Origin;
}

export interface NewClient {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly workload: string | undefined;
  /** It will sign assertions: no secret is made. */
  readonly withoutSecret?: boolean;
}

/** A secret in clear: shown once, never kept. */
export interface FreshSecret {
  readonly secretId: string;
  readonly clientSecret: string;
}

export interface Clients {
  /** @throws auth.client_name_taken */
  create(
    client: NewClient,
    by: Operator,
  ): Promise<{ readonly clientId: string; readonly secret: FreshSecret | undefined }>;
  /** Disabled ones too, by name. */
  list(): Promise<readonly ClientWithSecrets[]>;
  /**
   * Adds a secret. The one before ends after the overlap, every older one at once.
   *
   * @returns when the one before ends; undefined when there is none any more.
   * @throws auth.client_unknown, also for one that is disabled.
   */
  rotate(
    rotation: { readonly clientId: string; readonly overlapSeconds: number },
    by: Operator,
  ): Promise<FreshSecret & { readonly previousExpiresAt: Date | undefined }>;
  /**
   * Ends its secrets, and every token that it has by raising its version.
   *
   * @throws auth.client_unknown; never for one that is disabled already.
   */
  disable(clientId: string, by: Operator): Promise<void>;
}

export function createClients(parts: ClientsParts): Clients {
  const { store, newId } = parts;
  const now = () => new Date(parts.clock.nowMs());

  function freshSecret(): { readonly shown: FreshSecret; readonly kept: ClientSecret } {
    const clientSecret = parts.clientSecrets.create();
    const id = newId('csec');
    const hash = parts.clientSecrets.hash(clientSecret);
    return {
      shown: { secretId: id, clientSecret },
      kept: { id, hash, createdAt: now(), expiresAt: undefined },
    };
  }

  async function create({ withoutSecret = false, ...wanted }: NewClient, by: Operator) {
    const clientId = newId('cli');
    const client: Client = {
      ...wanted,
      id: clientId,
      version: 1,
      createdAt: now(),
      disabledAt: undefined,
    };
    const secret = withoutSecret ? undefined : freshSecret();
    await store.transaction(async (records) => {
      if (!(await records.clients.insert(client))) throw authErrors.CLIENT_NAME_TAKEN();
      if (secret !== undefined) await records.clients.addSecret(clientId, secret.kept);
      await note(records, 'client.created', { target: clientId, by });
    });
    return { clientId, secret: secret?.shown };
  }

  async function rotate(
    { clientId, overlapSeconds }: { readonly clientId: string; readonly overlapSeconds: number },
    by: Operator,
  ) {
    const { shown, kept } = freshSecret();
    const endsAt = secondsAfter(now(), overlapSeconds);
    const previousStays = await store.transaction(async (records) => {
      const client = await records.clients.hold(clientId);
      if (client === undefined || client.disabledAt !== undefined) {
        throw authErrors.CLIENT_UNKNOWN();
      }
      const stays = await records.clients.endSecrets(clientId, endsAt);
      await records.clients.addSecret(clientId, kept);
      await note(records, 'client.secret_rotated', { target: clientId, by });
      return stays && overlapSeconds > 0;
    });
    return { ...shown, previousExpiresAt: previousStays ? endsAt : undefined };
  }

  async function disable(clientId: string, by: Operator): Promise<void> {
    await store.transaction(async (records) => {
      const client = await records.clients.hold(clientId);
      if (client === undefined) throw authErrors.CLIENT_UNKNOWN();
      const version = await records.clients.disable(clientId, now());
      if (version === undefined) return;
      await records.clients.deleteSecrets(clientId);
      await note(records, 'client.disabled', { target: clientId, by });
      for (const about of [clientId, ...parts.identitiesOf(client)]) {
        await records.changes.append({ kind: 'credential_change', about, version }, now());
      }
    });
    parts.hint();
  }

  function note(
    records: Records,
    action: 'client.created' | 'client.secret_rotated' | 'client.disabled',
    { target, by }: { readonly target: string; readonly by: Operator },
  ): Promise<void> {
    return records.audit.add({ actor: by.actor, action, target }, by.origin, now());
  }

  return { create, list: () => store.read.clients.list(now()), rotate, disable };
}

/** The overlap where none is asked for. */
export const DEFAULT_OVERLAP_SECONDS: number = LIFETIMES.clientSecretOverlapSeconds;
