/** The files of a new service that speaks plain HTTP to clients with a service token. */
import type { ServiceName } from './name.ts';
import { migration, type NewFile, ours } from './templates.ts';

/** Package, table, code and test. There is no contract: nobody calls it through the gateway. */
export function httpFilesOf(service: ServiceName): readonly NewFile[] {
  const { name } = service;
  return [
    {
      path: `services/${name}/package.json`,
      text: `${JSON.stringify(httpManifest(service), null, 2)}\n`,
    },
    { path: `services/${name}/migrations/0001_${name}.sql`, text: migration() },
    { path: `services/${name}/src/app.ts`, text: app(service) },
    { path: `services/${name}/src/app.test.ts`, text: appTest(service) },
  ];
}

/** What its package.json says; the lock file says it once more. */
export function httpManifest({ name }: ServiceName) {
  return {
    name: `@gatehouse/${name}`,
    version: '0.1.0',
    private: true,
    license: 'Apache-2.0',
    type: 'module',
    dependencies: ours('chassis', 'errors', 'postgres'),
    devDependencies: ours('testing'),
  };
}

function app({ name }: ServiceName): string {
  return `/** The ${name} service: its database, and what its plain HTTP listener answers to whom. */
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
    // Answered alike.
  }
  const detail = 'must be a text of 1 to 200 characters';
  throw commonErrors.INVALID_INPUT({ fields: [{ pointer: '/text', detail }] });
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: '${name}', build });
`;
}

function appTest({ name }: ServiceName): string {
  return `/** The ${name} service over real HTTP on a real Postgres: what it answers, and whom it refuses. */
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
  const answer = await post('{"text":"Hello"}');
  assert.equal(answer.status, 201);
  assert.match(await answer.text(), /^\\{"itemId":"itm_\\w+","ownerId":"7","text":"Hello"\\}$/);
});

test('a bad token, a missing scope and a missing text are refused', async () => {
  assert.equal((await post('{"text":"Hello"}', 'no.good.token')).status, 401);
  assert.equal((await post('{"text":"Hello"}', issuer.serviceToken())).status, 403);
  const answer = await post('{}');
  assert.deepEqual([answer.status, /\\/text/.test(await answer.text())], [400, true]);
});
`;
}
