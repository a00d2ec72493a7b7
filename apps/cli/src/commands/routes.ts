import { ADMIN_HELP, askGateway, gatewayPort, type Route, ruleInWords } from '../gateway/admin.ts';
import { table } from '../text.ts';
import { parseFlags } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

export const routes: Command = {
  name: 'routes',
  summary: 'every path at the edge, and who may call it',
  flags: [DATA_HELP, ADMIN_HELP, ['--json', 'as JSON, with each whole rule']],
  run: async (args) => {
    const flags = parseFlags('routes', args, {
      data: DATA_FLAG,
      admin: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const port = await gatewayPort({ data: flags.data, admin: flags.admin });
    const answer = await askGateway(port, '/routes');
    const { routes: all } = answer as { readonly routes: readonly Route[] };
    if (flags.json) console.log(JSON.stringify(all, undefined, 2));
    else console.log(screen(all));
    return 0;
  },
};

function screen(all: readonly Route[]): string {
  const rows = all.map(({ verb, path, hosts = [], rule }) => [
    verb,
    `${hosts.join(',')}${path}`,
    ruleInWords(rule),
  ]);
  return [
    ...table(['', 'path', 'who may call'], rows),
    '',
    `What is not here is 404. gatehouse explain ${all[0]?.verb ?? 'GET'} ${all[0]?.path ?? '/'} says more of one.`,
  ].join('\n');
}
