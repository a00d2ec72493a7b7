/** A gateway's passport key: registered before its first use, leased, renewed by registering again. */
import * as audit from '../audit/store.ts';
import * as changes from '../changes/store.ts';
import { type Base, nowOf, type Origin } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';
import type { Db } from '../database.ts';
import * as passportKeys from './passport-key-store.ts';
import type { ProvenPassportKey, Registration, VerifyProof } from './proofs.ts';
import * as signingKeys from './store.ts';
import * as usedProofs from './used-proof-store.ts';

export interface RegisterPassportKeyParts extends Base {
  /** SPIFFE ID of the gateways. */
  readonly gateway: string;
  readonly verifyProof: VerifyProof;
  /** Reloads the registered keys of this process, before the response leaves. */
  readonly reloadKeys: () => Promise<void>;
}

export interface RegisteredKey {
  readonly kid: string;
  readonly issuer: string;
  readonly leaseExpiresAt: Date;
}

/**
 * Registers a key, or renews its lease. Others are told only of a key that is not published yet.
 *
 * @throws auth.not_a_gateway, auth.key_proof_invalid (also for a proof that was used before),
 *   auth.key_bound_elsewhere, auth.key_revoked.
 */
export type RegisterPassportKey = (
  registration: Registration,
  origin: Origin,
) => Promise<RegisteredKey>;

export function createRegisterPassportKey(parts: RegisterPassportKeyParts): RegisterPassportKey {
  return async (registration, origin) => {
    // The rule has asked this before; who may sign passports is worth asking twice.
    if (registration.caller !== parts.gateway) throw authErrors.NOT_A_GATEWAY();
    const proven = parts.verifyProof(registration);
    const now = nowOf(parts.clock);
    const row: passportKeys.PassportKeyRow = {
      kid: proven.kid,
      issuer: registration.caller,
      publicKeySpki: Buffer.from(registration.publicKeySpki),
      registeredAt: now,
      leaseExpiresAt: secondsAfter(now, LIFETIMES.passportKeyLeaseSeconds),
      revokedAt: undefined,
    };
    const isNew = await parts.database.transaction((tx) =>
      register(tx, { row, proven, now, origin }),
    );
    await parts.reloadKeys();
    if (isNew) parts.hint();
    return { kid: row.kid, issuer: row.issuer, leaseExpiresAt: row.leaseExpiresAt };
  };
}

async function register(
  tx: Db,
  {
    row,
    proven,
    now,
    origin,
  }: {
    readonly row: passportKeys.PassportKeyRow;
    readonly proven: ProvenPassportKey;
    readonly now: Date;
    readonly origin: Origin;
  },
): Promise<boolean> {
  if (!(await usedProofs.use(tx, proven.jti, proven.proofExpiresAt))) {
    throw authErrors.KEY_PROOF_INVALID();
  }
  const known = await passportKeys.hold(tx, row.kid);
  const boundElsewhere = known !== undefined && known.issuer !== row.issuer;
  if (boundElsewhere || (await signingKeys.isOwn(tx, row.kid))) {
    throw authErrors.KEY_BOUND_ELSEWHERE();
  }
  if (known?.revokedAt !== undefined) throw authErrors.KEY_REVOKED();
  await passportKeys.upsert(tx, row, now);
  if (known !== undefined && now <= publishedUntil(known)) return false;
  const entry = { actor: row.issuer, action: 'passport_key.registered', target: row.kid } as const;
  await audit.record(tx, { ...entry, origin, at: now });
  await changes.append(tx, { kind: 'keys_changed' }, now);
  return true;
}

/** A key outlives its lease by the longest life of a passport. */
function publishedUntil(key: passportKeys.PassportKeyRow): Date {
  return secondsAfter(key.leaseExpiresAt, LIFETIMES.passportSeconds);
}
