/** Auth's keys, opened at the start: what it signs with, what it verifies with, and their rotation. */
import type { ServiceContext } from '@gatehouse/chassis';
import type { Base } from '../common/base.ts';
import { type AuthConfig, wrongKeyEncryptionKey } from '../config.ts';
import { KeyEncryption } from './encryption.ts';
import { KeyRing } from './key-ring.ts';
import { PassportKeySet } from './passport-key-set.ts';
import * as passportKeyStore from './passport-key-store.ts';
import { createRotation, type KeyRotation } from './rotate.ts';

export interface Keys {
  /** Auth's own. */
  readonly ring: KeyRing;
  /** All that sign passports. */
  readonly passportKeys: PassportKeySet;
  readonly rotation: KeyRotation;
  readonly reload: () => Promise<void>;
}

export async function openKeys(
  context: ServiceContext,
  config: AuthConfig,
  base: Base,
): Promise<Keys> {
  const { database, clock } = base;
  const encryption = new KeyEncryption({
    readKeys: config.readKeyEncryptionKeys,
    wrongKey: wrongKeyEncryptionKey,
  });
  const ring = await KeyRing.open({ database, encryption, identity: context.identity, clock });
  context.readiness('signing-keys', () => {
    if (ring.fault !== undefined) throw new Error('a signing key could not be opened');
  });
  const passportKeys = new PassportKeySet({
    own: ring.ownPassportKeys,
    listLeasedSince: (since) => passportKeyStore.listLeasedSince(database.read, since),
    clock,
  });
  const reload = () => passportKeys.reload();
  await reload();
  const rotation = createRotation({
    ...base,
    encryption,
    waitSeconds: config.keyWaitSeconds,
    rotateAfterSeconds: config.keyRotationSeconds,
    reloadKeys: reload,
  });
  return { ring, passportKeys, rotation, reload };
}
