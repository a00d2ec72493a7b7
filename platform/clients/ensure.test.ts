/** Against a small model of auth; that the real one does the same is for the end-to-end tests. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ServiceClient } from '@gatehouse/chassis';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { PlatformError } from '../errors.ts';
import { layoutOf } from '../layout.ts';
import { ensureClient } from './ensure.ts';
import { handOverSecret } from './files.ts';

interface Known {
  readonly clientId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  secrets: { secretId: string }[];
  disabledAt?: { seconds: bigint };
}

async function setUp(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-clients-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const clients: Known[] = [];
  let made = 0;
  const fresh = () => {
    made += 1;
    return { secretId: `csec_${made}`, clientSecret: `secret-${made}` };
  };
  const model = {
    listClients: async () => ({ clients }),
    createClient: async ({ name, scopes }: { name: string; scopes: string[] }) => {
      const { secretId, clientSecret } = fresh();
      const clientId = `cli_${name}`;
      clients.push({ clientId, name, scopes, secrets: [{ secretId }] });
      return { clientId, secretId, clientSecret };
    },
    rotateClientSecret: async ({ clientId }: { clientId: string }) => {
      const secret = fresh();
      clients.find((client) => client.clientId === clientId)?.secrets.unshift(secret);
      return secret;
    },
  };
  // The three methods that are called, in the form that the contract gives them.
  const operator = model as unknown as ServiceClient<typeof OperatorService>;
  const files = layoutOf(dataDir).client('core');
  const ensure = (scopes = ['asset:update']) =>
    ensureClient(operator, { name: 'core', scopes }, files);
  return { dataDir, clients, files, ensure, secret: () => readFile(files.secret, 'utf8') };
}

test('the first start makes the client, and keeps its secret for the owner alone', async (t) => {
  const { clients, ensure, files, secret } = await setUp(t);
  assert.equal(await ensure(), 'cli_core');
  assert.deepEqual(clients[0]?.scopes, ['asset:update']);
  assert.equal(await secret(), 'secret-1');
  assert.equal((await stat(files.secret)).mode & 0o777, 0o600);
});

test('a later start finds it; one whose secret was lost or replaced gets another', async (t) => {
  const { clients, ensure, files, secret } = await setUp(t);
  await ensure();
  await ensure();
  assert.equal(await secret(), 'secret-1');
  await rm(files.secret);
  await ensure();
  assert.equal(await secret(), 'secret-2');
  clients[0]?.secrets.unshift({ secretId: 'csec_of_an_operator' });
  await ensure();
  assert.equal(await secret(), 'secret-3');
});

test('a new database gets a new client', async (t) => {
  const { clients, ensure, secret } = await setUp(t);
  await ensure();
  clients.length = 0;
  await ensure();
  assert.equal(await secret(), 'secret-2');
});

test('one that an operator disabled stays so, and one with other scopes is an error', async (t) => {
  const { clients, ensure, secret } = await setUp(t);
  await ensure();
  const [client] = clients;
  assert.ok(client);
  client.disabledAt = { seconds: 1n };
  client.secrets = [];
  assert.equal(await ensure(), 'cli_core');
  assert.equal(await secret(), 'secret-1');
  await assert.rejects(ensure(['asset:update', 'other']), PlatformError);
});

test('a rotated secret is handed to the client of this folder, and to no other', async (t) => {
  const { dataDir, ensure, secret } = await setUp(t);
  await ensure();
  const rotated = { secretId: 'csec_9', clientSecret: 'secret-9' };
  const other = await handOverSecret(dataDir, 'core', { clientId: 'cli_other', ...rotated });
  assert.deepEqual([other, await secret()], [false, 'secret-1']);
  const own = await handOverSecret(dataDir, 'core', { clientId: 'cli_core', ...rotated });
  assert.deepEqual([own, await secret()], [true, 'secret-9']);
});
