import { fileURLToPath } from 'node:url';
import { POSTGRES, SERVICES } from '@gatehouse/platform';
import { createService } from '../new-service/create.ts';
import { assertKind, type ServiceName, serviceName } from '../new-service/name.ts';
import { scopeOf } from '../new-service/templates.ts';
import { parseFlags, UsageError } from '../usage.ts';
import type { Command } from './command.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export const newService: Command = {
  name: 'new',
  summary: 'makes a service: gatehouse new service NAME',
  flags: [['service NAME', 'five files, wired: contract, database, one method, a test']],
  run: async (args) => {
    const [kind, name, ...flags] = args;
    assertKind(kind);
    if (name === undefined || name.startsWith('-')) {
      throw new UsageError('A service needs a name. Write: gatehouse new service NAME.');
    }
    parseFlags('new', flags, {});
    const existing = [POSTGRES, ...SERVICES].map((part) => part.name);
    const service = serviceName(name, existing);
    const { created, changed } = await createService(ROOT, service);
    console.log(report(service, created, changed));
    return 0;
  },
};

function report(
  service: ServiceName,
  created: readonly string[],
  changed: readonly string[],
): string {
  const { name } = service;
  const json = `-H 'content-type: application/json'`;
  return [
    `The service "${name}" is made:`,
    ...created.map((path) => `  ${path}`),
    '',
    'It is wired in:',
    ...changed.map((path) => `  ${path}`),
    `  packages/contracts/src/gen   (by npm run generate)`,
    '',
    'What to do next',
    `  npm test -- services/${name}      its own test`,
    '  npm start                       it starts with the others, with a database of its own',
    `  curl -s localhost:8080/${name}/v1/items ${json} -H "authorization: Bearer $TOKEN" -d '{"text":"Hello"}'`,
    '',
    `  The token must be a new one: log in again, and it has the scope ${scopeOf(service)}.`,
    `  Then change the contract, proto/gatehouse/${name}/v1/${name}.proto, and run npm run generate.`,
    '  CONTRIBUTING.md says how to add a method.',
  ].join('\n');
}
