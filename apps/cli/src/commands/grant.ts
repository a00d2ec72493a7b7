import { jsonOf } from '../operator/clients.ts';
import { asOperator, DOOR_FLAGS, DOOR_HELP } from '../operator/door.ts';
import { grantTable } from '../operator/grants.ts';
import { nearest, parseWords, UsageError } from '../usage.ts';
import type { Command } from './command.ts';

const WHATS = ['list', 'revoke'];

export const grant: Command = {
  name: 'grant',
  summary: 'by what workloads act for people later: gatehouse grant list | revoke',
  flags: [
    ['list', 'live grants, the newest first'],
    ['--user ID', 'of this person alone'],
    ['revoke GRANT', 'ends it, and every one that came from it'],
    ['--json', 'as JSON'],
    ...DOOR_HELP,
  ],
  run: async (args) => {
    const { flags, words } = parseWords('grant', args, {
      words: [WHATS.join('|'), '[GRANT]'],
      options: {
        ...DOOR_FLAGS,
        user: { type: 'string', default: '' },
        json: { type: 'boolean', default: false },
      },
    });
    const [what = '', grantId] = words;
    if (what === 'list') {
      const { grants } = await asOperator(flags, (auth) => auth.listGrants({ userId: flags.user }));
      console.log(flags.json ? jsonOf(grants) : grantTable(grants));
      return 0;
    }
    if (what !== 'revoke') throw new UsageError(cannot(what));
    if (grantId === undefined) {
      throw new UsageError('"grant revoke" needs GRANT. Write: gatehouse grant revoke GRANT.');
    }
    await asOperator(flags, (auth) => auth.revokeGrant({ grantId }));
    console.log(`The grant ${grantId} and what came from it draw no passport any more.`);
    return 0;
  },
};

function cannot(word: string): string {
  const meant = nearest(word, WHATS);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return `"grant" cannot "${word}".${hint} It can: ${WHATS.join(', ')}.`;
}
