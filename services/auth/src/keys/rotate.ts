/** Rotation of auth's own signing keys: publish, wait, sign, retire; or all at once in an emergency. */
import * as audit from '../audit/store.ts';
import * as changes from '../changes/store.ts';
import { type Base, nowOf, type Operator } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { secondsAfter } from '../common/lifetimes.ts';
import type { Db } from '../database.ts';
import type { KeyEncryption, NewKey } from './encryption.ts';
import * as passportKeys from './passport-key-store.ts';
import {
  KEY_PURPOSES,
  type KeyPurpose,
  type KeyState,
  type PlacedKey,
  placeKeys,
  type StoredKey,
} from './rules.ts';
import * as signingKeys from './store.ts';

export interface KeyRotationParts extends Base {
  readonly encryption: KeyEncryption;
  /** How long a new key is published before it signs: longer than anyone keeps a key set. */
  readonly waitSeconds: number;
  /** How long a key signs before another one takes its place by itself; 0: for ever. */
  readonly rotateAfterSeconds: number;
  /** Reloads the keys of this process. */
  readonly reloadKeys: () => Promise<void>;
}

export interface RotationRequest {
  readonly purpose: KeyPurpose;
  /** The new key signs at once, and every other one of the purpose is revoked. */
  readonly emergency: boolean;
  /** In place of the setting. */
  readonly waitSeconds?: number;
}

/** What is known of a key, for people. */
export interface KeyReport {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  /** SPIFFE ID of the gateway whose passport key it is; undefined for auth's own. */
  readonly gateway: string | undefined;
  readonly state: KeyState;
  readonly createdAt: Date;
  readonly signsFrom: Date;
  /** When it leaves the key set, or left it. Of a gateway's key: when its lease ends. */
  readonly publishedUntil: Date | undefined;
}

export interface KeyRotation {
  /**
   * Begins a rotation, or does all of it in an emergency.
   *
   * @throws auth.rotation_under_way when a key is published already and this is no emergency.
   */
  rotate(request: RotationRequest, by: Operator): Promise<KeyReport>;
  /** Begins the rotations whose time has come, in one of the replicas, and erases what signs no more. */
  rotateDue(): Promise<void>;
  /** Auth's own keys and those that gateways have leased. */
  list(): Promise<readonly KeyReport[]>;
  /** Revokes a gateway's passport key, everywhere and for ever. @throws auth.key_unknown */
  revokePassportKey(kid: string, by: Operator): Promise<void>;
  /** Seals all private keys under the newest key-encryption key. @returns how many. */
  rewrap(by: Operator): Promise<number>;
}

const SCHEDULE: Operator = { actor: 'schedule', origin: { address: '', traceId: '' } };

export function createRotation(parts: KeyRotationParts): KeyRotation {
  const { database, encryption } = parts;
  const now = () => nowOf(parts.clock);

  const changeKeys = async <R>(work: (tx: Db) => Promise<R>): Promise<R> => {
    const result = await database.transaction(async (tx) => {
      await signingKeys.hold(tx);
      return work(tx);
    });
    // Before the response: whoever asks this replica next finds it done.
    await parts.reloadKeys();
    parts.hint();
    return result;
  };

  const rotate = async (request: RotationRequest, by: Operator, onlyIfDue = false) => {
    const key = await encryption.make(request.purpose);
    return changeKeys(async (tx) => {
      const change = { ...request, key, by, now: now(), encryption };
      const placed = await placedKeys(tx, request.purpose, change.now);
      // Another replica was faster.
      if (onlyIfDue && !isDue(parts, placed, change.now)) return undefined;
      if (request.emergency) await revokeAll(tx, placed, change);
      else if (placed.some(({ state }) => state === 'published')) {
        throw authErrors.ROTATION_UNDER_WAY();
      }
      return publish(tx, {
        ...change,
        waitSeconds: request.emergency ? 0 : (request.waitSeconds ?? parts.waitSeconds),
      });
    });
  };

  return {
    async rotate(request, by) {
      const key = await rotate(request, by);
      if (key === undefined) throw new Error('a rotation that was asked for is always due');
      const state = request.emergency ? 'signing' : stateNow(key, now());
      return { ...key, gateway: undefined, state, publishedUntil: undefined };
    },

    async rotateDue() {
      for (const purpose of KEY_PURPOSES) {
        const placed = await placedKeys(database.read, purpose, now());
        await signingKeys.erase(database.read, spentKids(placed));
        if (isDue(parts, placed, now()))
          await rotate({ purpose, emergency: false }, SCHEDULE, true);
      }
    },

    async list() {
      const stored = await signingKeys.list(database.read);
      const own = KEY_PURPOSES.flatMap((purpose) =>
        placeKeys(
          stored.filter((key) => key.purpose === purpose),
          now(),
        ).map(reportOf),
      );
      const leased = await passportKeys.listLeasedSince(database.read, now());
      return [...own, ...leased.map(leaseReport)];
    },

    revokePassportKey: (kid, { actor, origin }) =>
      changeKeys(async (tx) => {
        const at = now();
        if (!(await passportKeys.revoke(tx, kid, at))) throw authErrors.KEY_UNKNOWN();
        await audit.record(tx, { actor, action: 'passport_key.revoked', target: kid, origin, at });
        await changes.append(tx, { kind: 'key_revoked', about: kid }, at);
        await changes.append(tx, { kind: 'keys_changed' }, at);
      }),

    rewrap: ({ actor, origin }) =>
      changeKeys(async (tx) => {
        const count = await encryption.rewrap(tx);
        const entry = { action: 'signing_keys.rewrapped', target: String(count) } as const;
        await audit.record(tx, { actor, ...entry, origin, at: now() });
        return count;
      }),
  };
}

interface KeyChange extends RotationRequest {
  readonly key: NewKey;
  readonly encryption: KeyEncryption;
  readonly by: Operator;
  readonly now: Date;
}

async function placedKeys(db: Db, purpose: KeyPurpose, now: Date) {
  const stored = await signingKeys.list(db);
  return placeKeys(
    stored.filter((key) => key.purpose === purpose),
    now,
  );
}

/** What signs nothing any more and still has its private half. */
function spentKids(placed: readonly PlacedKey<StoredKey>[]): readonly string[] {
  return placed
    .filter(({ state, key }) => {
      const signsNoMore = state === 'retired' || state === 'revoked';
      return signsNoMore && key.sealedPrivate !== undefined;
    })
    .map(({ key }) => key.kid);
}

function isDue(
  { rotateAfterSeconds, waitSeconds }: KeyRotationParts,
  placed: readonly PlacedKey<StoredKey>[],
  now: Date,
): boolean {
  const signing = placed.find(({ state }) => state === 'signing');
  const isUnderWay = placed.some(({ state }) => state === 'published');
  if (rotateAfterSeconds === 0 || signing === undefined || isUnderWay) return false;
  return now >= secondsAfter(signing.key.signsFrom, rotateAfterSeconds - waitSeconds);
}

/** All of them, the one that waits included: whoever has the database has that one too. */
async function revokeAll(
  tx: Db,
  placed: readonly PlacedKey<StoredKey>[],
  { by, now }: KeyChange,
): Promise<void> {
  const kids = placed
    .filter(({ state }) => state !== 'revoked' && state !== 'retired')
    .map(({ key }) => key.kid);
  await signingKeys.revoke(tx, kids, now);
  for (const kid of kids) {
    const entry = { actor: by.actor, action: 'signing_key.revoked', target: kid } as const;
    await audit.record(tx, { ...entry, origin: by.origin, at: now });
    await changes.append(tx, { kind: 'key_revoked', about: kid }, now);
  }
}

async function publish(
  tx: Db,
  change: KeyChange & { readonly waitSeconds: number },
): Promise<StoredKey> {
  const { key, purpose, by, now } = change;
  const stored: StoredKey = {
    kid: key.kid,
    alg: key.alg,
    purpose,
    publicKeySpki: key.publicKeySpki,
    sealedPrivate: await change.encryption.seal(tx, key),
    createdAt: now,
    signsFrom: secondsAfter(now, change.waitSeconds),
    revokedAt: undefined,
  };
  await signingKeys.insert(tx, stored);
  const entry = { actor: by.actor, action: 'signing_key.published', target: key.kid } as const;
  await audit.record(tx, { ...entry, origin: by.origin, at: now });
  await changes.append(tx, { kind: 'keys_changed' }, now);
  return stored;
}

function stateNow({ signsFrom }: StoredKey, now: Date): KeyState {
  return signsFrom > now ? 'published' : 'signing';
}

function reportOf({ key, state, publishedUntil }: PlacedKey<StoredKey>): KeyReport {
  const { kid, purpose, createdAt, signsFrom } = key;
  return { kid, purpose, createdAt, signsFrom, state, publishedUntil, gateway: undefined };
}

function leaseReport({
  kid,
  issuer,
  registeredAt,
  leaseExpiresAt,
}: passportKeys.PassportKeyRow): KeyReport {
  const times = {
    createdAt: registeredAt,
    signsFrom: registeredAt,
    publishedUntil: leaseExpiresAt,
  };
  return { kid, purpose: 'passport', gateway: issuer, state: 'signing', ...times };
}
