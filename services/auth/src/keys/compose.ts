/** What several parts of auth stand on. */
import { availableParallelism } from 'node:os';
import type { ServiceContext } from '@gatehouse/chassis';
import { newId as newIdAt } from '@gatehouse/postgres';
import { postgresStore } from '../audit/store.ts';
import { ChangeFeed } from '../changes/feed.ts';
import type { NewId } from '../common/base.ts';
import { type AuthConfig, wrongKeyEncryptionKey } from '../config.ts';
import type { AuthTables } from '../database.ts';
import { postgresCleaner } from '../housekeeping/store.ts';
import { createArgon2Hasher } from '../passwords/argon2.ts';
import { loadCommonPasswords } from '../passwords/common-passwords.ts';
import { createAttemptLimiter } from '../passwords/limits.ts';
import { KeyEncryption } from './encryption.ts';
import { KeyRing } from './key-ring.ts';
import { PassportKeySet } from './passport-key-set.ts';
import { createKeyRotation } from './rotate.ts';

export type Parts = Awaited<ReturnType<typeof openParts>>;

export async function openParts(context: ServiceContext, config: AuthConfig) {
  const { clock, identity } = context;
  const database = await context.database<AuthTables>({
    migrations: new URL('../../migrations/', import.meta.url),
  });
  const store = postgresStore(database);
  const encryption = new KeyEncryption({
    readKeys: config.readKeyEncryptionKeys,
    wrongKey: wrongKeyEncryptionKey,
  });
  const keys = await KeyRing.open({ store, encryption, identity, clock });
  context.readiness('signing-keys', () => {
    if (keys.fault !== undefined) throw new Error('a signing key could not be opened');
  });
  const passportKeys = new PassportKeySet({
    own: keys.ownPassportKeys,
    records: store.read.passportKeys,
    clock,
  });
  await passportKeys.reload();
  const feed = new ChangeFeed({ changes: store.read.changes, clock });
  const newId: NewId = (prefix) => newIdAt(prefix, clock);
  const hint = () => feed.hint();
  const rotation = createKeyRotation({
    store,
    vault: encryption,
    waitSeconds: config.keyWaitSeconds,
    rotateAfterSeconds: config.keyRotationSeconds,
    reloadKeys: () => passportKeys.reload(),
    clock,
    hint,
  });
  return {
    clock,
    keys,
    store,
    passportKeys,
    feed,
    newId,
    // Each hash takes a core; one is left for everything else.
    hasher: createArgon2Hasher({ concurrency: Math.max(1, availableParallelism() - 1) }),
    limiter: createAttemptLimiter(),
    commonPasswords: loadCommonPasswords(),
    cleaner: postgresCleaner(database.read),
    rotation,
    hint,
  };
}
