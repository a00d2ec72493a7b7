/** The files of a new service with a contract. What they say is meant to be read, and changed. */
import { declaration, manifest, migration, type NewFile, scopeOf } from './files.ts';
import type { ServiceName } from './name.ts';

/** Contract, declaration, package, table, code and test. Everything else the chassis brings. */
export function grpcFiles(service: ServiceName, port: number): readonly NewFile[] {
  const { name } = service;
  return [
    { path: `proto/gatehouse/${name}/v1/${name}.proto`, text: contract(service) },
    declaration(service, 'grpc', port),
    manifest(service, ['chassis', 'contracts', 'postgres']),
    migration(service),
    { path: `services/${name}/src/app.ts`, text: app(service) },
    { path: `services/${name}/src/app.test.ts`, text: appTest(service) },
  ];
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

option (gatehouse.access.v1.scope) = {
  name: "${scopeOf(service)}"
  role: MEMBER
};

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

function app({ name, pascal }: ServiceName): string {
  return `/** The ${name} service: its database, and what each method of its contract does. */
import { implement, runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import { messageOf } from '@gatehouse/contracts';
import { ItemSchema, ${pascal}Service } from '@gatehouse/contracts/gen/gatehouse/${name}/v1/${name}_pb.ts';
import { newId } from '@gatehouse/postgres';

interface Tables {
  item: { item_id: string; owner_id: string; text: string; created_at: Date };
}

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const { clock } = context;
  const migrations = new URL('../migrations/', import.meta.url);
  const database = await context.database<Tables>({ migrations });

  const service = implement(${pascal}Service, {
    // By now the certificate, the passport, the rule and the fields have been checked.
    async createItem({ text }, { subject }) {
      const created_at = new Date(clock.nowMs());
      const item = { item_id: newId('itm', clock), owner_id: subject.id, text, created_at };
      await database.transaction((tx) => tx.insertInto('item').values(item).execute());
      return messageOf(ItemSchema, item);
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
  return `/** The ${name} service over real gRPC on a real Postgres: what it does, and whom it denies. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ServiceClient } from '@gatehouse/chassis';
import { ${pascal}Service } from '@gatehouse/contracts/gen/gatehouse/${name}/v1/${name}_pb.ts';
import {
  createTestIssuer,
  type ServiceUnderTest,
  startServiceUnderTest,
} from '@gatehouse/testing';
import { build } from './app.ts';

const issuer = createTestIssuer();
let tested: ServiceUnderTest;
let client: ServiceClient<typeof ${pascal}Service>;

before(async () => {
  tested = await startServiceUnderTest({ name: '${name}', build, issuer });
  client = await tested.clientOf(${pascal}Service);
});

after(() => tested.close());

test('an item is kept in the name of the person whom the passport speaks for', async () => {
  const sub = \`usr_\${'1'.repeat(26)}\`;
  const passport = issuer.passport({ sub, scope: '${scopeOf(service)}' });
  const item = await client.createItem({ text: 'Hello' }, { passport });
  assert.deepEqual([item.text, item.ownerId], ['Hello', sub]);
  assert.match(item.itemId, /^itm_/);
});

test('without a passport, without the scope, and without a text it is denied', async () => {
  const denied = (code: string, call: Promise<unknown>) => assert.rejects(call, { code });
  await denied('client.passport_missing', client.createItem({ text: 'Hello' }, {}));
  const other = issuer.passport({ scope: 'other:write' });
  await denied('access.scope', client.createItem({ text: 'Hello' }, { passport: other }));
  const passport = issuer.passport({ scope: '${scopeOf(service)}' });
  await denied('common.invalid_input', client.createItem({ text: '' }, { passport }));
});
`;
}
