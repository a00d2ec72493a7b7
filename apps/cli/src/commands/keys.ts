import { KeyPurpose } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { layoutOf, ROOT_SETTLE_MS, type RootStep, requestRootChange } from '@gatehouse/platform';
import { runningOn } from '../gateway/admin.ts';
import { withAuth } from '../operator/connection.ts';
import { withNewKek } from '../operator/kek.ts';
import { keyJson, keyTable, rotatedScreen } from '../operator/keys.ts';
import { counted, jsonOf } from '../terminal/text.ts';
import { UsageError } from '../usage.ts';
import type { DataFlags, JsonFlags, OperatorFlags } from './flags.ts';

const PURPOSES = { access: KeyPurpose.ACCESS, passport: KeyPurpose.PASSPORT } as const;

export async function listKeys(
  flags: OperatorFlags & JsonFlags & { readonly all: boolean },
): Promise<void> {
  const { keys } = await withAuth(flags, (auth) => auth.listKeys({}));
  console.log(flags.json ? jsonOf(keys.map(keyJson)) : keyTable(keys, flags));
}

export async function rotateKeys(
  flags: OperatorFlags &
    JsonFlags & {
      readonly purpose: keyof typeof PURPOSES;
      readonly emergency: boolean;
      readonly wait?: number;
    },
): Promise<void> {
  const { emergency, purpose, wait, json } = flags;
  const { key } = await withAuth(flags, (auth) =>
    auth.rotateKeys({
      purpose: PURPOSES[purpose],
      emergency,
      ...(wait === undefined ? {} : { waitSeconds: wait }),
    }),
  );
  if (key === undefined) throw new Error('auth returned no key');
  console.log(json ? jsonOf(keyJson(key)) : rotatedScreen(key, emergency));
}

export async function revokeKey(kid: string, flags: OperatorFlags): Promise<void> {
  await withAuth(flags, (auth) => auth.revokePassportKey({ kid }));
  console.log(`The passport key ${kid} is revoked: what it signed is rejected everywhere.`);
}

export async function rewrapKeys(
  flags: OperatorFlags & { readonly newKek?: string },
): Promise<void> {
  const { newKek: newKekFile } = flags;
  const rewrap = () => withAuth(flags, (auth) => auth.rewrapKeys({}));
  if (newKekFile !== undefined && flags.auth !== undefined) {
    throw new UsageError(
      '--new-kek is for a platform on this machine. Elsewhere, give every auth a file with both keys first.',
    );
  }
  const { count } =
    newKekFile === undefined
      ? await rewrap()
      : await withNewKek({ dataDir: (await runningOn(flags.data)).dataDir, newKekFile }, rewrap);
  console.log(
    `${counted(count, 'private key')} encrypted under the newest key-encryption key. You can remove the others.`,
  );
}

const STEPS: Readonly<Record<RootStep, string>> = {
  announced: 'Every process accepts the next root.',
  adopted: 'The next root has issued every certificate.',
  done: 'The previous root is no longer accepted.',
};

export async function rotateRoot(flags: DataFlags & { readonly wait?: number }): Promise<void> {
  const { dataDir } = await runningOn(flags.data);
  await requestRootChange(layoutOf(dataDir).ca, {
    settleMs: flags.wait === undefined ? ROOT_SETTLE_MS : flags.wait * 1000,
    onStep: (step) => console.log(STEPS[step]),
  });
}
