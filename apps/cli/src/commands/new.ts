import { fileURLToPath } from 'node:url';
import { POSTGRES, SERVICES } from '@gatehouse/platform';
import { type CreatedService, createService } from '../new-service/create.ts';
import { assertKind, type ServiceName, serviceName } from '../new-service/name.ts';
import { scopeOf } from '../new-service/templates.ts';
import { parseFlags, UsageError } from '../usage.ts';
import type { Command } from './command.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export const newService: Command = {
  name: 'new',
  summary: 'makes a service: gatehouse new service NAME',
  flags: [
    ['service NAME', 'five files, wired: contract, database, one method, a test'],
    ['--http', 'plain HTTP for clients with a service token, in place of a contract'],
  ],
  run: async (args) => {
    const [kind, name, ...flags] = args;
    assertKind(kind);
    if (name === undefined || name.startsWith('-')) {
      throw new UsageError('A service needs a name. Write: gatehouse new service NAME.');
    }
    const { http: isHttp } = parseFlags('new', flags, {
      http: { type: 'boolean', default: false },
    });
    const existing = [POSTGRES, ...SERVICES].map((part) => part.name);
    const service = serviceName(name, existing);
    const made = await createService(ROOT, service, isHttp ? 'http' : 'grpc');
    console.log(
      [...report(service, made), '', ...(isHttp ? askIt(service) : callIt(service))].join('\n'),
    );
    return 0;
  },
};

function report(service: ServiceName, { created, changed }: CreatedService): readonly string[] {
  const { name } = service;
  return [
    `The service "${name}" is made:`,
    ...created.map((path) => `  ${path}`),
    '',
    'It is wired in:',
    ...changed.map((path) => `  ${path}`),
    ...(changed.some((path) => path.startsWith('packages/contracts'))
      ? ['  packages/contracts/src/gen   (by npm run generate)']
      : []),
    '',
    'What to do next',
    `  npm test -- services/${name}      its own test`,
    '  npm start                       it starts with the others, with a database of its own',
  ];
}

const JSON_TYPE = `-H 'content-type: application/json'`;

function callIt(service: ServiceName): readonly string[] {
  const { name } = service;
  return [
    `  curl -s localhost:8080/${name}/v1/items ${JSON_TYPE} -H "authorization: Bearer $TOKEN" -d '{"text":"Hello"}'`,
    '',
    `  The token must be a new one: log in again, and it has the scope ${scopeOf(service)}.`,
    `  Then change the contract, proto/gatehouse/${name}/v1/${name}.proto, and run npm run generate.`,
    '  CONTRIBUTING.md says how to add a method.',
  ];
}

function askIt(service: ServiceName): readonly string[] {
  const { name } = service;
  return [
    `  curl -s localhost:PORT/${name}/api/items/7 ${JSON_TYPE} -H "authorization: Bearer $SERVICE_TOKEN" -d '{"text":"Hello"}'`,
    '',
    `  PORT is the one in platform/parts.ts. gatehouse client create NAME --scope ${scopeOf(service)}`,
    '  makes a client; POST /oauth2/token of auth gives it a service token.',
  ];
}
