import { KeyPurpose } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { askForRoot, layoutOf, ROOT_SETTLE_MS, type RootStep } from '@gatehouse/platform';
import { runningOn } from '../gateway/admin.ts';
import { asOperator, DOOR_FLAGS, DOOR_HELP, type DoorFlags } from '../operator/door.ts';
import { withNewKek } from '../operator/kek.ts';
import { keyJson, keyTable, rotatedScreen } from '../operator/keys.ts';
import { nearest, parseWords, UsageError, wholeNumber } from '../usage.ts';
import type { Command } from './command.ts';

const WHATS = ['list', 'rotate', 'revoke', 'rewrap', 'rotate-ca'] as const;
type What = (typeof WHATS)[number];

const FLAGS = {
  ...DOOR_FLAGS,
  purpose: { type: 'string' },
  emergency: { type: 'boolean', default: false },
  wait: { type: 'string' },
  'new-kek': { type: 'string' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

interface Flags extends DoorFlags {
  readonly purpose?: string | undefined;
  readonly emergency: boolean;
  readonly wait?: string | undefined;
  readonly 'new-kek'?: string | undefined;
  readonly all: boolean;
  readonly json: boolean;
}

/** Which flags each of them takes, beside those of the door. */
const TAKES: Readonly<Record<What, readonly (keyof Flags)[]>> = {
  list: ['all', 'json'],
  rotate: ['purpose', 'emergency', 'wait', 'json'],
  revoke: [],
  rewrap: ['new-kek'],
  'rotate-ca': ['wait'],
};

const PURPOSES = { access: KeyPurpose.ACCESS, passport: KeyPurpose.PASSPORT } as const;
const DAY_SECONDS = 86_400;

export const keys: Command = {
  name: 'keys',
  summary: 'keys and the certificate authority: gatehouse keys list | rotate | revoke | …',
  flags: [
    ['list', 'what signs, what will, what is leased; --all: what did; --json'],
    ['rotate', 'another signing key: published, waited for, used; --json'],
    ['--purpose PURPOSE', 'access (default): tokens; passport: auth’s own passports'],
    ['--emergency', 'at once, and nothing that the others signed is accepted any more'],
    ['--wait SECONDS', 'how long it is published before it signs; default 900'],
    ['revoke KID', 'refuses a gateway’s passport key; the gateway makes another'],
    ['rewrap', 'seals all private keys under the newest key of GATEHOUSE_KEK_FILE'],
    ['--new-kek FILE', 'puts that key there first (a platform on this machine)'],
    ['rotate-ca', 'another root for all certificates (a platform on this machine); --wait'],
    ...DOOR_HELP,
  ],
  run: async (args) => {
    const { flags, words } = parseWords('keys', args, {
      words: ['list|rotate|revoke|rewrap|rotate-ca', '[KID]'],
      options: FLAGS,
    });
    const what = whatOf(words[0] ?? '');
    assertTaken(what, flags);
    const kid = kidOf(what, words[1]);
    if (what === 'list') await list(flags);
    else if (what === 'rotate') await rotate(flags);
    else if (what === 'revoke') await revoke(flags, kid);
    else if (what === 'rewrap') await rewrap(flags);
    else await rotateRoot(flags);
    return 0;
  },
};

async function list(flags: Flags): Promise<void> {
  const { keys: listed } = await asOperator(flags, (auth) => auth.listKeys({}));
  console.log(
    flags.json ? JSON.stringify(listed.map(keyJson), undefined, 2) : keyTable(listed, flags),
  );
}

async function rotate(flags: Flags): Promise<void> {
  const { emergency, purpose: name = 'access' } = flags;
  if (name !== 'access' && name !== 'passport') {
    throw new UsageError(`--purpose is access or passport, not "${name}".`);
  }
  if (emergency && flags.wait !== undefined) {
    throw new UsageError('--emergency does not wait: leave --wait out.');
  }
  const request = { purpose: PURPOSES[name], emergency, ...waitOf(flags) };
  const { key } = await asOperator(flags, (auth) => auth.rotateKeys(request));
  if (key === undefined) throw new Error('auth named no key');
  console.log(
    flags.json ? JSON.stringify(keyJson(key), undefined, 2) : rotatedScreen(key, emergency),
  );
}

async function revoke(flags: Flags, kid: string): Promise<void> {
  await asOperator(flags, (auth) => auth.revokePassportKey({ kid }));
  console.log(`The passport key ${kid} is refused from now on, everywhere and for good.`);
}

async function rewrap(flags: Flags): Promise<void> {
  const seal = () => asOperator(flags, (auth) => auth.rewrapKeys({}));
  const newKekFile = flags['new-kek'];
  if (newKekFile !== undefined && flags.auth !== undefined) {
    throw new UsageError(
      '--new-kek is for a platform on this machine. Elsewhere, give every auth a file with both keys first.',
    );
  }
  const sealed =
    newKekFile === undefined
      ? await seal()
      : await withNewKek({ dataDir: (await runningOn(flags.data)).dataDir, newKekFile }, seal);
  console.log(
    `${sealed.count} private keys are sealed under the newest key-encryption key. The others are not needed any more.`,
  );
}

const STEPS: Readonly<Record<RootStep, string>> = {
  announced: 'Everyone accepts the next root.',
  adopted: 'It has issued everyone’s certificate.',
  done: 'The root before is accepted no more.',
};

async function rotateRoot(flags: Flags): Promise<void> {
  const { dataDir } = await runningOn(flags.data);
  const { waitSeconds = ROOT_SETTLE_MS / 1000 } = waitOf(flags);
  await askForRoot(layoutOf(dataDir).ca, {
    settleMs: waitSeconds * 1000,
    onStep: (step) => console.log(STEPS[step]),
  });
}

function whatOf(word: string): What {
  const what = WHATS.find((each) => each === word);
  if (what !== undefined) return what;
  const meant = nearest(word, WHATS);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new UsageError(`"keys" cannot "${word}".${hint} It can: ${WHATS.join(', ')}.`);
}

function assertTaken(what: What, flags: Flags): void {
  for (const flag of Object.values(TAKES).flat()) {
    const isGiven = flags[flag] !== undefined && flags[flag] !== false;
    if (isGiven && !TAKES[what].includes(flag)) {
      throw new UsageError(
        `"keys ${what}" has no flag --${flag}. "gatehouse help keys" lists them.`,
      );
    }
  }
}

function kidOf(what: What, kid: string | undefined): string {
  if (what === 'revoke' && kid === undefined) {
    throw new UsageError('"keys revoke" needs KID. "gatehouse keys list" shows them.');
  }
  if (what !== 'revoke' && kid !== undefined) {
    throw new UsageError(`"${kid}" is one word too many. Write: gatehouse keys ${what}.`);
  }
  return kid ?? '';
}

function waitOf({ wait }: Flags): { readonly waitSeconds?: number } {
  if (wait === undefined) return {};
  return { waitSeconds: wholeNumber('wait', wait, { min: 0, max: DAY_SECONDS }) };
}
