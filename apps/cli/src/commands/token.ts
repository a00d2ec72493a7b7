import { reportOn } from '@gatehouse/platform';
import { table } from '../text.ts';
import { rowsOf, type TokenParts, takeApart } from '../token/describe.ts';
import { judge } from '../token/judge.ts';
import { readToken } from '../token/read.ts';
import { nearest, parseWords, UsageError } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

export const token: Command = {
  name: 'token',
  summary: 'what a token is and says: gatehouse token inspect [TOKEN]',
  flags: [
    DATA_HELP,
    ['inspect [TOKEN]', 'from standard input when it is left out, or - (kept out of your history)'],
  ],
  run: async (args) => {
    const { flags, words } = parseWords('token', args, {
      words: ['inspect', '[TOKEN]'],
      options: { data: DATA_FLAG },
    });
    const [what = '', word = '-'] = words;
    if (what !== 'inspect') {
      const hint = nearest(what, ['inspect']) === undefined ? '' : ' Did you mean "inspect"?';
      throw new UsageError(
        `"token" cannot "${what}".${hint} Write: gatehouse token inspect [TOKEN].`,
      );
    }
    const compact = await readToken(word, '"token inspect"');
    const parts = takeApart(compact);
    if (parts === undefined) {
      throw new UsageError('It has three parts, and they are no JSON in base64url: no token.');
    }
    const { good, says } = await verdictOn(flags.data, compact, parts);
    console.log(screen(parts, says));
    return good ? 0 : 1;
  },
};

/** `good` also where nobody can tell: that is no failure of the token. */
async function verdictOn(
  dataDir: string,
  compact: string,
  parts: TokenParts,
): Promise<{ readonly good: boolean; readonly says: string }> {
  const report = await reportOn(dataDir);
  if (report === undefined) {
    return { good: true, says: 'not verified: no platform runs here (gatehouse up)' };
  }
  try {
    const { good, says } = await judge(report, compact, parts);
    return { good, says: good ? `good: ${says}` : `NOT GOOD: ${says}` };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { good: true, says: `not verified: ${why}` };
  }
}

const KINDS: Readonly<Record<TokenParts['kind'], string>> = {
  'access token': 'a person’s, for the edge; no service takes it',
  'service token': 'a workload’s, for calls over plain HTTP inside',
  passport: 'for one request inside; the edge takes none from outside',
  'unknown token': 'none of the kinds that Gatehouse issues',
};

function screen(parts: TokenParts, says: string): string {
  const { kind, header, claims } = parts;
  const head = Object.entries(header).map(([name, value]) => `${name} ${String(value)}`);
  return [
    `${kind}: ${KINDS[kind]}`,
    `  ${says}`,
    '',
    `  header  ${head.join(', ')}`,
    '',
    ...table(['claim', 'meaning', 'value'], rowsOf(claims, Date.now())),
  ].join('\n');
}
