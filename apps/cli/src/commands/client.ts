import { handOverSecret } from '@gatehouse/platform';
import { clientTable, createdScreen, jsonOf, rotatedScreen } from '../operator/clients.ts';
import { asOperator, DOOR_FLAGS, DOOR_HELP, type OperatorClient } from '../operator/door.ts';
import { nearest, parseWords, UsageError, wholeNumber } from '../usage.ts';
import type { Command } from './command.ts';

const WHATS = ['create', 'list', 'rotate', 'disable'] as const;
type What = (typeof WHATS)[number];

const FLAGS = {
  ...DOOR_FLAGS,
  scope: { type: 'string', multiple: true },
  workload: { type: 'string' },
  overlap: { type: 'string' },
  'revoke-old': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Which flags each of them takes, beside those of the door and --json. */
const TAKES: Readonly<Record<What, readonly string[]>> = {
  create: ['scope', 'workload'],
  list: [],
  rotate: ['overlap', 'revoke-old'],
  disable: [],
};

const MAX_OVERLAP_SECONDS = 30 * 24 * 3600;

export const client: Command = {
  name: 'client',
  summary: 'programs that get tokens: gatehouse client create | list | rotate | disable',
  flags: [
    ['create NAME', 'shows its secret, this once'],
    ['--scope SCOPE', 'what its tokens may say; again for more'],
    ['--workload SERVICE', 'the workload that it stands for, by certificate'],
    ['list', 'every client, and how long its secrets last'],
    ['rotate NAME', 'another secret; the one before stays valid for a day'],
    ['--overlap SECONDS', 'or for so long'],
    ['--revoke-old', 'or ends at once'],
    ['disable NAME', 'refuses it and its tokens, for good'],
    ['--json', 'as JSON'],
    ...DOOR_HELP,
  ],
  run: async (args) => {
    const { flags, words } = parseWords('client', args, {
      words: ['create|list|rotate|disable', '[NAME]'],
      options: FLAGS,
    });
    const what = whatOf(words[0] ?? '');
    assertTaken(what, flags);
    if (what !== 'list' && words[1] === undefined) {
      throw new UsageError(`"client ${what}" needs NAME. Write: gatehouse client ${what} NAME.`);
    }
    const name = words[1] ?? '';
    const overlapSeconds = overlapOf(flags);
    await asOperator(flags, async (auth) => {
      if (what === 'list') await list(auth, flags.json);
      else if (what === 'disable') await disable(auth, name);
      else if (what === 'create') {
        const { scope: scopes = [], workload = '' } = flags;
        const made = await auth.createClient({ name, scopes: [...scopes], workload });
        const { clientId, clientSecret } = made;
        console.log(flags.json ? jsonOf({ clientId, clientSecret }) : createdScreen(name, made));
      } else {
        const { clientId, name: known } = await find(auth, name);
        const rotated = await auth.rotateClientSecret({ clientId, ...overlapSeconds });
        const handedOver = await handOverSecret(flags.data, known, { clientId, ...rotated });
        const { clientSecret } = rotated;
        console.log(
          flags.json
            ? jsonOf({ clientId, clientSecret })
            : rotatedScreen(known, { clientId, ...rotated, handedOver }),
        );
      }
    });
    return 0;
  },
};

function whatOf(word: string): What {
  const what = WHATS.find((each) => each === word);
  if (what !== undefined) return what;
  const meant = nearest(word, WHATS);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new UsageError(`"client" cannot "${word}".${hint} It can: ${WHATS.join(', ')}.`);
}

function assertTaken(what: What, flags: Readonly<Record<string, unknown>>): void {
  for (const flag of Object.values(TAKES).flat()) {
    const isGiven = flags[flag] !== undefined && flags[flag] !== false;
    if (isGiven && !TAKES[what].includes(flag)) {
      throw new UsageError(
        `"client ${what}" has no flag --${flag}. "gatehouse help client" lists them.`,
      );
    }
  }
}

function overlapOf(flags: {
  readonly overlap?: string | undefined;
  readonly 'revoke-old': boolean;
}): { readonly overlapSeconds?: number } {
  if (flags['revoke-old']) {
    if (flags.overlap === undefined) return { overlapSeconds: 0 };
    throw new UsageError('--overlap and --revoke-old contradict each other: give one of them.');
  }
  if (flags.overlap === undefined) return {};
  const bounds = { min: 0, max: MAX_OVERLAP_SECONDS };
  return { overlapSeconds: wholeNumber('overlap', flags.overlap, bounds) };
}

async function list(auth: OperatorClient, json: boolean): Promise<void> {
  const { clients } = await auth.listClients({});
  console.log(
    json ? jsonOf(clients.map(({ $typeName: _, ...client }) => client)) : clientTable(clients),
  );
}

async function disable(auth: OperatorClient, name: string): Promise<void> {
  const { clientId, name: known } = await find(auth, name);
  await auth.disableClient({ clientId });
  console.log(`The client "${known}" (${clientId}) and its tokens are refused from now on.`);
}

/** By name or by id. */
async function find(auth: OperatorClient, name: string) {
  const { clients } = await auth.listClients({});
  const found = clients.find((each) => each.name === name || each.clientId === name);
  if (found !== undefined) return found;
  const meant = nearest(
    name,
    clients.map((each) => each.name),
  );
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new UsageError(`There is no client "${name}".${hint} "gatehouse client list" shows them.`);
}
