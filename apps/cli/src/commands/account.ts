import { asOperator, DOOR_FLAGS, DOOR_HELP } from '../operator/door.ts';
import { nearest, parseWords, UsageError } from '../usage.ts';
import type { Command } from './command.ts';

const WHATS = ['suspend', 'reinstate'];

export const account: Command = {
  name: 'account',
  summary: 'who may come in: gatehouse account suspend | reinstate USER',
  flags: [
    ['suspend USER', 'refuses a person everywhere, within a second'],
    ['reinstate USER', 'lets them log in again; old tokens and grants stay refused'],
    ...DOOR_HELP,
  ],
  run: async (args) => {
    const { flags, words } = parseWords('account', args, {
      words: [WHATS.join('|'), 'USER'],
      options: DOOR_FLAGS,
    });
    const [what = '', userId = ''] = words;
    if (!WHATS.includes(what)) {
      const meant = nearest(what, WHATS);
      const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
      throw new UsageError(`"account" cannot "${what}".${hint} It can: ${WHATS.join(', ')}.`);
    }
    await asOperator(flags, async (auth) => {
      if (what === 'suspend') await auth.suspendAccount({ userId });
      else await auth.reinstateAccount({ userId });
    });
    console.log(
      what === 'suspend'
        ? `${userId} is suspended: no log-in, no token, no passport from a grant.`
        : `${userId} can log in again.`,
    );
    return 0;
  },
};
