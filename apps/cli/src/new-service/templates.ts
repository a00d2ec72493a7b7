/** The five files of a new service with a contract. What they say is meant to be read, and changed. */
import type { ServiceName } from './name.ts';

/** A file to be written: its path from the root of the clone, and what is in it. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** Contract, package, table, code and test. Everything else the chassis brings. */
export function filesOf(service: ServiceName): readonly NewFile[] {
  const { name } = service;
  return [
    { path: `proto/gatehouse/${name}/v1/${name}.proto`, text: contract(service) },
    {
      path: `services/${name}/package.json`,
      text: `${JSON.stringify(manifest(service), null, 2)}\n`,
    },
    { path: `services/${name}/migrations/0001_${name}.sql`, text: migration() },
    { path: `services/${name}/src/app.ts`, text: app(service) },
    { path: `services/${name}/src/app.test.ts`, text: appTest(service) },
  ];
}

/** The scope that the first method asks for. */
export function scopeOf({ name }: ServiceName): string {
  return `${name}:write`;
}

/** What the service's package.json says; the lock file says it once more. */
export function manifest({ name }: ServiceName) {
  return {
    name: `@gatehouse/${name}`,
    version: '0.1.0',
    private: true,
    license: 'Apache-2.0',
    type: 'module',
    dependencies: {
      '@bufbuild/protobuf': '2.17.0',
      ...ours('chassis', 'contracts', 'postgres'),
    },
    devDependencies: ours('testing'),
  };
}

/** Packages of this clone, as dependencies. */
export function ours(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((each) => [`@gatehouse/${each}`, '0.1.0']));
}

function contract(service: ServiceName): string {
  const { name, pascal } = service;
  return `syntax = "proto3";

// What the ${name} service offers, to whom, and what it accepts.
package gatehouse.${name}.v1;

import "buf/validate/validate.proto";
import "gatehouse/access/v1/access.proto";
import "google/api/annotations.proto";
import "google/protobuf/timestamp.proto";

service ${pascal}Service {
  // Keeps an item in the caller's name.
  rpc CreateItem(CreateItemRequest) returns (Item) {
    option (google.api.http) = {
      post: "/${name}/v1/items"
      body: "*"
    };
    option (gatehouse.access.v1.rule) = {
      subject: SIGNED_IN
      scopes: "${scopeOf(service)}"
    };
    option (gatehouse.access.v1.success_status) = 201;
  }
}

message Item {
  string item_id = 1;
  string text = 2;
  string owner_id = 3;
  google.protobuf.Timestamp created_at = 4;
}

message CreateItemRequest {
  string text = 1 [(buf.validate.field).string = {
    min_len: 1
    max_len: 200
  }];
}
`;
}

/** A table to begin with. */
export function migration(): string {
  return `create table item (
  item_id text collate "C" primary key,
  owner_id text not null,
  text text not null,
  created_at timestamptz not null
);
`;
}

function app({ name, pascal }: ServiceName): string {
  return `/** The ${name} service: its database, and what each method of its contract does. */
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { implement, runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import { ${pascal}Service } from '@gatehouse/contracts/gen/gatehouse/${name}/v1/${name}_pb.ts';
import { newId } from '@gatehouse/postgres';

interface Tables {
  item: { item_id: string; owner_id: string; text: string; created_at: Date };
}

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const database = await context.database<Tables>({
    migrations: new URL('../migrations/', import.meta.url),
  });

  const service = implement(${pascal}Service, {
    // By now the certificate, the passport, the rule and the fields have been checked.
    async createItem({ text }, call) {
      const row = {
        item_id: newId('itm', context.clock),
        owner_id: call.subject.id,
        text,
        created_at: new Date(context.clock.nowMs()),
      };
      await database.transaction((tx) => tx.insertInto('item').values(row).execute());
      return {
        itemId: row.item_id,
        text,
        ownerId: row.owner_id,
        createdAt: timestampFromDate(row.created_at),
      };
    },
  });

  return { implementations: [service] };
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: '${name}', build });
`;
}

function appTest(service: ServiceName): string {
  const { name, pascal } = service;
  return `/** The ${name} service over real gRPC on a real Postgres: what it answers, and whom it refuses. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ServiceClient } from '@gatehouse/chassis';
import { ${pascal}Service } from '@gatehouse/contracts/gen/gatehouse/${name}/v1/${name}_pb.ts';
import {
  createTestAuthority,
  createTestIssuer,
  startTestPostgres,
  startTestService,
} from '@gatehouse/testing';
import { build } from './app.ts';

const issuer = createTestIssuer();
const closers: (() => Promise<void>)[] = [];
let client: ServiceClient<typeof ${pascal}Service>;

before(async () => {
  const postgres = await startTestPostgres();
  closers.unshift(() => postgres.close());
  const authority = await createTestAuthority();
  closers.unshift(() => authority.close());
  const service = await startTestService({
    name: '${name}',
    authority,
    env: { DATABASE_URL: await postgres.createDatabase() },
    build: async (context) => ({ ...(await build(context)), passports: issuer.gate() }),
  });
  closers.unshift(() => service.close());
  const gateway = await startTestService({
    name: 'gateway',
    authority,
    env: { GATEHOUSE_UPSTREAMS: \`${name}=localhost:\${service.grpcPort}\` },
    build: async (context) => {
      client = context.client(${pascal}Service);
      return { implementations: [] };
    },
  });
  closers.unshift(() => gateway.close());
});

after(async () => {
  for (const close of closers) await close();
});

test('an item is kept in the name of the person whom the passport speaks for', async () => {
  const sub = \`usr_\${'1'.repeat(26)}\`;
  const passport = issuer.passport({ sub, scope: '${scopeOf(service)}' });
  const item = await client.createItem({ text: 'Hello' }, { passport });
  assert.deepEqual([item.text, item.ownerId], ['Hello', sub]);
  assert.match(item.itemId, /^itm_/);
});

test('without a passport, without the scope, and without a text it is refused', async () => {
  const refused = (code: string, call: Promise<unknown>) => assert.rejects(call, { code });
  await refused('client.passport_missing', client.createItem({ text: 'Hello' }, {}));
  const other = issuer.passport({ scope: 'other:write' });
  await refused('access.scope', client.createItem({ text: 'Hello' }, { passport: other }));
  const passport = issuer.passport({ scope: '${scopeOf(service)}' });
  await refused('common.invalid_input', client.createItem({ text: '' }, { passport }));
});
`;
}
