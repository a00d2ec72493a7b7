import { ACTIONS, type Action } from '../operator/client-actions.ts';
import { asOperator, DOOR_FLAGS, DOOR_HELP } from '../operator/door.ts';
import { nearest, parseWords, UsageError } from '../usage.ts';
import type { Command } from './command.ts';

const FLAGS = {
  ...DOOR_FLAGS,
  scope: { type: 'string', multiple: true },
  workload: { type: 'string' },
  'public-key': { type: 'string' },
  kid: { type: 'string' },
  overlap: { type: 'string' },
  'revoke-old': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

const NAMES = Object.keys(ACTIONS);

export const client: Command = {
  name: 'client',
  summary: `programs that get tokens: gatehouse client ${NAMES.join(' | ')}`,
  flags: [
    ['create NAME', 'shows its secret, this once'],
    ['--scope SCOPE', 'what its tokens may say; again for more'],
    ['--workload SERVICE', 'the workload that it stands for, by certificate'],
    ['--public-key FILE', 'it signs with this key (PEM) and has no secret'],
    ['list', 'every client, and how many secrets are valid'],
    ['rotate NAME', 'another secret; the one before stays valid for a day'],
    ['--overlap SECONDS', 'or for so long'],
    ['--revoke-old', 'or ends at once'],
    ['add-key NAME', 'one more --public-key FILE to sign with'],
    ['remove-key NAME', 'takes --kid KID away, at once'],
    ['disable NAME', 'refuses it and its tokens, for good'],
    ['--json', 'as JSON'],
    ...DOOR_HELP,
  ],
  run: async (args) => {
    const { flags, words } = parseWords('client', args, {
      words: [NAMES.join('|'), '[NAME]'],
      options: FLAGS,
    });
    const [what = '', name] = words;
    const action = actionOf(what);
    assertTaken(what, action, flags);
    if (what !== 'list' && name === undefined) {
      throw new UsageError(`"client ${what}" needs NAME. Write: gatehouse client ${what} NAME.`);
    }
    const run = action.prepare({ ...flags, name: name ?? '' });
    console.log(await asOperator(flags, run));
    return 0;
  },
};

function actionOf(word: string): Action {
  const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
  if (action !== undefined) return action;
  const meant = nearest(word, NAMES);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new UsageError(`"client" cannot "${word}".${hint} It can: ${NAMES.join(', ')}.`);
}

function assertTaken(
  what: string,
  { takes }: Action,
  flags: Readonly<Record<string, unknown>>,
): void {
  const all = new Set(Object.values(ACTIONS).flatMap((action) => action.takes));
  for (const flag of all) {
    const isGiven = flags[flag] !== undefined && flags[flag] !== false;
    if (isGiven && !takes.includes(flag)) {
      throw new UsageError(
        `"client ${what}" has no flag --${flag}. "gatehouse help client" lists them.`,
      );
    }
  }
}
