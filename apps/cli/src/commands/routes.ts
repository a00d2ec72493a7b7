import { askGateway, type GatewayFlags, type Route, ruleInWords } from '../gateway/admin.ts';
import { jsonOf, table } from '../terminal/text.ts';
import type { JsonFlags } from './flags.ts';

export async function routes(flags: GatewayFlags & JsonFlags): Promise<void> {
  const { routes: all } = await askGateway<{ readonly routes: readonly Route[] }>(flags, '/routes');
  console.log(flags.json ? jsonOf(all) : screen(all));
}

function screen(all: readonly Route[]): string {
  const rows = all.map(({ verb, path, hosts = [], rule }) => [
    verb,
    `${hosts.join(',')}${path}`,
    ruleInWords(rule),
  ]);
  return [
    ...table(['', 'path', 'who may call'], rows),
    '',
    `Any other path is 404. "gatehouse explain ${all[0]?.verb ?? 'GET'} ${all[0]?.path ?? '/'}" shows one in detail.`,
  ].join('\n');
}
