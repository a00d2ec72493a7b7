/** The files of a new service that speaks plain HTTP to clients with a service token. */
import { declaration, manifest, migration, type NewFile, scopeOf } from './files.ts';
import type { ServiceName } from './name.ts';

/** Contract, declaration, package, table, code and test. The contract has a scope and no method. */
export function httpFiles(service: ServiceName, port: number): readonly NewFile[] {
  const { name } = service;
  return [
    { path: `proto/gatehouse/${name}/v1/${name}.proto`, text: contract(service) },
    declaration(service, 'http', port),
    manifest(service, ['chassis', 'errors', 'postgres']),
    migration(service),
    { path: `services/${name}/src/app.ts`, text: app(service) },
    { path: `services/${name}/src/app.test.ts`, text: appTest(service) },
  ];
}

function contract(service: ServiceName): string {
  const { name } = service;
  return `syntax = "proto3";

// What clients of ${name} need. Its paths are on a plain HTTP listener of its own.
package gatehouse.${name}.v1;

import "gatehouse/access/v1/access.proto";

option (gatehouse.access.v1.scope) = {name: "${scopeOf(service)}"};
`;
}

function app({ name }: ServiceName): string {
  return `/** The ${name} service: its database, and what its plain HTTP listener does for whom. */
import { runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import {
  httpListener,
  parseExact,
  requireServiceToken,
  type ServiceTokenGate,
} from '@gatehouse/chassis/http';
import { commonErrors } from '@gatehouse/errors';
import { newId } from '@gatehouse/postgres';

interface Tables {
  item: { item_id: string; owner_id: string; text: string; created_at: Date };
}

export async function build(
  context: ServiceContext,
  tokens: ServiceTokenGate = context.serviceTokens(),
): Promise<ServiceApp> {
  const database = await context.database<Tables>({
    migrations: new URL('../migrations/', import.meta.url),
  });
  const listener = httpListener(context, {
    routes: (app) => {
      // Before any body is read.
      app.addHook('onRequest', requireServiceToken(tokens, '${name}:write'));
      app.post('/${name}/api/items/:owner', async (request, reply) => {
        const { owner: ownerId } = request.params as { owner: string };
        const row = {
          item_id: newId('itm', context.clock),
          owner_id: ownerId,
          text: textOf(request.body),
          created_at: new Date(context.clock.nowMs()),
        };
        await database.read.insertInto('item').values(row).execute();
        return reply.code(201).send({ itemId: row.item_id, ownerId, text: row.text });
      });
    },
  });
  return { implementations: [], listeners: listener === undefined ? [] : [listener] };
}

function textOf(body: unknown): string {
  try {
    const { text } = Object(parseExact(typeof body === 'string' ? body : ''));
    if (typeof text === 'string' && text !== '' && text.length <= 200) return text;
  } catch {
    // Rejected alike.
  }
  const detail = 'must be a text of 1 to 200 characters';
  throw commonErrors.INVALID_INPUT({ fields: [{ pointer: '/text', detail }] });
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: '${name}', build });
`;
}

function appTest({ name }: ServiceName): string {
  return `/** The ${name} service over real HTTP on a real Postgres: what it does, and whom it denies. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { HttpListener } from '@gatehouse/chassis/http';
import {
  createTestAuthority,
  createTestIssuer,
  startTestPostgres,
  startTestService,
} from '@gatehouse/testing';
import { build } from './app.ts';

const issuer = createTestIssuer();
const closers: (() => Promise<void>)[] = [];
let listener: HttpListener | undefined;

before(async () => {
  const postgres = await startTestPostgres();
  closers.unshift(() => postgres.close());
  const authority = await createTestAuthority();
  closers.unshift(() => authority.close());
  const service = await startTestService({
    name: '${name}',
    authority,
    env: { DATABASE_URL: await postgres.createDatabase(), GATEHOUSE_HTTP_PORT: '0' },
    build: async (context) => {
      const app = await build(context, issuer.serviceGate());
      [listener] = app.listeners as readonly HttpListener[];
      return app;
    },
  });
  closers.unshift(() => service.close());
});

after(async () => {
  for (const close of closers) await close();
});

function post(body: string, token = issuer.serviceToken({ scope: '${name}:write' })) {
  return fetch(\`http://127.0.0.1:\${listener?.port}/${name}/api/items/7\`, {
    method: 'POST',
    headers: { authorization: \`Bearer \${token}\`, 'content-type': 'application/json' },
    body,
  });
}

test('an item is kept', async () => {
  const response = await post('{"text":"Hello"}');
  assert.equal(response.status, 201);
  assert.match(await response.text(), /^\\{"itemId":"itm_\\w+","ownerId":"7","text":"Hello"\\}$/);
});

test('a bad token, a missing scope and a missing text are rejected', async () => {
  assert.equal((await post('{"text":"Hello"}', 'no.good.token')).status, 401);
  assert.equal((await post('{"text":"Hello"}', issuer.serviceToken())).status, 403);
  const response = await post('{}');
  assert.deepEqual([response.status, /\\/text/.test(await response.text())], [400, true]);
});
`;
}
