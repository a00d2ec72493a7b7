import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { createTestAuthority, implementPartly, startTestService } from '@gatehouse/testing';
import { dial } from './dial.ts';

const authority = await createTestAuthority({ trustDomain: 'gatehouse.local' });
after(() => authority.close());

async function served(name: string) {
  const service = await startTestService({
    name,
    authority,
    build: async () => ({
      implementations: [implementPartly(UserService, {})],
      passports: { revocationsStale: false, verify: () => Promise.reject(new Error('not asked')) },
    }),
  });
  after(() => service.close());
  return `localhost:${service.grpcPort}`;
}

test('a program is known by its certificate, and answered as its rule says', async () => {
  const tlsFolder = await authority.folderFor('operator');
  const { client, close } = dial(UserService, { tlsFolder, addresses: [await served('user')] });
  await assert.rejects(client.activateUser({ userId: 'usr_1' }, { passport: 'any' }), {
    code: 'access.caller',
  });
  close();
});

test('a server that is another workload is not spoken to', async () => {
  const tlsFolder = await authority.folderFor('operator');
  const { client, close } = dial(UserService, { tlsFolder, addresses: [await served('board')] });
  await assert.rejects(client.activateUser({ userId: 'usr_1' }, { passport: 'any' }), {
    code: 'common.unavailable',
  });
  close();
});
