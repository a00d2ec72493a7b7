/** A gateway's passport key: registered before its first use, leased, renewed by registering again. */

import type { ChangeHint, Clock, Origin, Records, Store } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';
import type { PassportKeyRow } from './key-ports.ts';

/** A key whose holder has proved to hold it. */
export interface ProvenPassportKey {
  readonly kid: string;
  /** Id of the proof. */
  readonly jti: string;
  readonly proofExpiresAt: Date;
}

export interface RegisterPassportKeyParts {
  readonly store: Store;
  /** SPIFFE ID of the gateways. */
  readonly gateway: string;
  /** @throws auth.key_proof_invalid */
  readonly verifyProof: (registration: Registration) => ProvenPassportKey;
  /** Takes the registered keys up in this process, before the answer leaves. */
  readonly reloadKeys: () => Promise<void>;
  readonly clock: Clock;
  readonly hint: ChangeHint;
}

export interface Registration {
  /** SPIFFE ID of the peer, from its certificate. */
  readonly caller: string;
  readonly publicKeySpki: Uint8Array;
  readonly proof: string;
}

export interface RegisteredKey {
  readonly kid: string;
  readonly issuer: string;
  readonly leaseExpiresAt: Date;
}

/**
 * Registers a key, or renews its lease. Only a key that is not published yet is news to others.
 *
 * @throws auth.not_a_gateway, auth.key_proof_invalid (also for a proof that was used before),
 *   auth.key_bound_elsewhere, auth.key_revoked.
 */
export type RegisterPassportKey = (
  registration: Registration,
  origin: Origin,
) => Promise<RegisteredKey>;

export function createRegisterPassportKey(parts: RegisterPassportKeyParts): RegisterPassportKey {
  const { store } = parts;

  return async (registration, origin) => {
    // The rule has asked this before; who may sign passports is worth asking twice.
    if (registration.caller !== parts.gateway) throw authErrors.NOT_A_GATEWAY();
    const proven = parts.verifyProof(registration);
    const now = new Date(parts.clock.nowMs());
    const row: PassportKeyRow = {
      kid: proven.kid,
      issuer: registration.caller,
      publicKeySpki: Buffer.from(registration.publicKeySpki),
      registeredAt: now,
      leaseExpiresAt: secondsAfter(now, LIFETIMES.passportKeyLeaseSeconds),
      revokedAt: undefined,
    };
    const isNew = await store.transaction((records) =>
      register(records, { row, proven, now, origin }),
    );
    await parts.reloadKeys();
    if (isNew) parts.hint();
    return { kid: row.kid, issuer: row.issuer, leaseExpiresAt: row.leaseExpiresAt };
  };
}

async function register(
  records: Records,
  {
    row,
    proven,
    now,
    origin,
  }: {
    readonly row: PassportKeyRow;
    readonly proven: ProvenPassportKey;
    readonly now: Date;
    readonly origin: Origin;
  },
): Promise<boolean> {
  if (!(await records.passportKeys.useProof(proven.jti, proven.proofExpiresAt))) {
    throw authErrors.KEY_PROOF_INVALID();
  }
  const known = await records.passportKeys.hold(row.kid);
  const boundElsewhere = known !== undefined && known.issuer !== row.issuer;
  if (boundElsewhere || (await records.passportKeys.isOwn(row.kid))) {
    throw authErrors.KEY_BOUND_ELSEWHERE();
  }
  if (known?.revokedAt !== undefined) throw authErrors.KEY_REVOKED();
  await records.passportKeys.upsert(row, now);
  if (known !== undefined && now <= publishedUntil(known)) return false;
  const entry = { actor: row.issuer, action: 'passport_key.registered', target: row.kid } as const;
  await records.audit.add(entry, origin, now);
  await records.changes.append({ kind: 'keys_changed' }, now);
  return true;
}

/** A key outlives its lease by the longest life of a passport. */
function publishedUntil(key: PassportKeyRow): Date {
  return secondsAfter(key.leaseExpiresAt, LIFETIMES.passportSeconds);
}
