/** Clients by the operators' methods, over mutual TLS and a real database. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { openDatabase, sql } from '@gatehouse/postgres';
import type { AuthTables } from '../database.ts';
import { startFleet } from '../test-support/fleet.ts';
import { SILENT } from '../test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
const auth = await fleet.startAuth();
const operator = await fleet.dialAs(OperatorService, 'operator', auth.service);
const database = openDatabase<AuthTables>({ url: fleet.databaseUrl, name: 'test', log: SILENT });
after(() => database.close());

const DAY_MS = 24 * 3600_000;

async function named(name: string) {
  const { clients } = await operator.listClients({});
  const found = clients.find((client) => client.name === name);
  assert.ok(found, name);
  return found;
}

test('a client is made with a secret that is nowhere in the database', async () => {
  const made = await operator.createClient({
    name: 'batch',
    scopes: ['asset:update', 'asset:read'],
    workload: 'core',
  });
  assert.match(made.clientId, /^cli_[0-9a-z]{26}$/);
  assert.equal(Buffer.from(made.clientSecret, 'base64url').length, 32);
  const client = await named('batch');
  assert.deepEqual([...client.scopes], ['asset:update', 'asset:read']);
  assert.equal(client.workload, 'core');
  assert.equal(client.disabledAt, undefined);
  assert.deepEqual(
    client.secrets.map(({ secretId, expiresAt }) => [secretId, expiresAt]),
    [[made.secretId, undefined]],
  );
  const { rows } = await sql<{ text: string }>`
    SELECT client_secret::text AS text FROM client_secret
    UNION ALL SELECT client::text FROM client`.execute(database.read);
  const hex = Buffer.from(made.clientSecret).toString('hex');
  assert.ok(rows.every(({ text }) => !text.includes(made.clientSecret) && !text.includes(hex)));
});

test('a name and a workload belong to one client', async () => {
  await operator.createClient({ name: 'unique', workload: 'extension' });
  const taken = { code: 'auth.client_name_taken', kind: 'ALREADY_EXISTS' };
  await assert.rejects(operator.createClient({ name: 'unique' }), taken);
  await assert.rejects(operator.createClient({ name: 'other', workload: 'extension' }), taken);
});

test('a rotation leaves two secrets valid, and never three', async () => {
  const { clientId, secretId } = await operator.createClient({ name: 'turning' });
  const second = await operator.rotateClientSecret({ clientId });
  const ends = Number(second.previousExpiresAt?.seconds) * 1000;
  assert.ok(Math.abs(ends - (Date.now() + DAY_MS)) < 60_000);
  const two = await named('turning');
  assert.deepEqual(
    two.secrets.map((secret) => secret.secretId),
    [second.secretId, secretId],
  );
  const third = await operator.rotateClientSecret({ clientId, overlapSeconds: 60 });
  assert.deepEqual(
    (await named('turning')).secrets.map((secret) => secret.secretId),
    [third.secretId, second.secretId],
  );
});

test('a rotation without overlap ends every other secret at once', async () => {
  const { clientId } = await operator.createClient({ name: 'leaked' });
  await operator.rotateClientSecret({ clientId });
  const last = await operator.rotateClientSecret({ clientId, overlapSeconds: 0 });
  assert.equal(last.previousExpiresAt, undefined);
  assert.deepEqual(
    (await named('leaked')).secrets.map((secret) => secret.secretId),
    [last.secretId],
  );
});

test('a disabled client has no secret and gets none; to disable it again is no mistake', async () => {
  const { clientId } = await operator.createClient({ name: 'gone' });
  await operator.disableClient({ clientId });
  await operator.disableClient({ clientId });
  const client = await named('gone');
  assert.ok(client.disabledAt);
  assert.deepEqual(client.secrets, []);
  const unknown = { code: 'auth.client_unknown' };
  await assert.rejects(operator.rotateClientSecret({ clientId }), unknown);
  await assert.rejects(operator.disableClient({ clientId: 'cli_nobody' }), unknown);
});

test('what operators do is written down, with who did it', async () => {
  const { clientId } = await operator.createClient({ name: 'audited' });
  await operator.rotateClientSecret({ clientId });
  await operator.disableClient({ clientId });
  const rows = await database.read
    .selectFrom('audit')
    .select(['actor', 'action'])
    .where('target', '=', clientId)
    .orderBy('audit_id')
    .execute();
  const actor = 'spiffe://gatehouse.local/operator';
  assert.deepEqual(rows, [
    { actor, action: 'client.created' },
    { actor, action: 'client.secret_rotated' },
    { actor, action: 'client.disabled' },
  ]);
});

test('nobody else may call the operators’ methods', async () => {
  for (const workload of ['gateway', 'core']) {
    const other = await fleet.dialAs(OperatorService, workload, auth.service);
    const refused = { code: 'access.caller', kind: 'PERMISSION_DENIED' };
    await assert.rejects(other.listClients({}), refused);
    await assert.rejects(other.createClient({ name: 'thief' }), refused);
  }
});

test('a name or a scope that makes no sense is refused by the contract', async () => {
  const invalid = { kind: 'INVALID_ARGUMENT' };
  for (const name of ['', 'Upper', 'a b', '-a', 'a'.repeat(64)]) {
    await assert.rejects(operator.createClient({ name }), invalid, name);
  }
  for (const scope of ['', 'a b', 'a"b', 'a\\b', 'é']) {
    await assert.rejects(
      operator.createClient({ name: 'scoped', scopes: [scope] }),
      invalid,
      scope,
    );
  }
});
