import { fileURLToPath } from 'node:url';
import { freeBlock, POSTGRES, portsOf, services, TRACES_PORT } from '@gatehouse/platform';
import { createService } from '../new-service/create.ts';
import { type NewFile, scopeOf } from '../new-service/files.ts';
import { grpcFiles } from '../new-service/grpc-files.ts';
import { httpFiles } from '../new-service/http-files.ts';
import { type ServiceName, serviceName } from '../new-service/name.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export async function newService(
  name: string,
  { http: isHttp }: { readonly http: boolean },
): Promise<void> {
  const parts = [POSTGRES, ...services()];
  const service = serviceName(
    name,
    parts.map((part) => part.name),
  );
  const taken = parts.flatMap(portsOf).map(([port]) => port);
  const port = freeBlock([...taken, TRACES_PORT]);
  const files = isHttp ? httpFiles(service, port) : grpcFiles(service, port);
  await createService(ROOT, service.name, files);
  const next = isHttp ? callDirectly(service, port) : callThroughGateway(service);
  console.log([...report(service, files), ...next].join('\n'));
}

function report({ name }: ServiceName, files: readonly NewFile[]): readonly string[] {
  return [
    `The service "${name}" is created:`,
    ...files.map(({ path }) => `  ${path}`),
    '',
    'Generated code and the lock file are up to date (npm run generate). No other file was changed.',
    '',
    'What to do next',
    `  ${`npm test -- services/${name}`.padEnd(32)}run its test`,
    `  ${'npm start'.padEnd(32)}start it with the others, with a database of its own`,
    '',
  ];
}

const JSON_TYPE = `-H 'content-type: application/json'`;

function callThroughGateway(service: ServiceName): readonly string[] {
  const { name } = service;
  return [
    `  curl -s localhost:8080/${name}/v1/items ${JSON_TYPE} -H "authorization: Bearer $TOKEN" -d '{"text":"Hello"}'`,
    '',
    `  Log in again for a token that has the scope ${scopeOf(service)}.`,
    `  Then change the contract, proto/gatehouse/${name}/v1/${name}.proto, and run npm run generate.`,
    '  docs/guides/add-a-method.md says how to add a method.',
  ];
}

function callDirectly(service: ServiceName, port: number): readonly string[] {
  const { name } = service;
  return [
    `  curl -s localhost:${port}/${name}/api/items/7 ${JSON_TYPE} -H "authorization: Bearer $SERVICE_TOKEN" -d '{"text":"Hello"}'`,
    '',
    `  gatehouse client create NAME --scope ${scopeOf(service)} creates a client; POST /oauth2/token of auth`,
    '  issues its service token.',
  ];
}
