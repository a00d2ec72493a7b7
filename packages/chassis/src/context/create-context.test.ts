/** What a service is given: its parts belong to the object itself, so that a copy of it has them too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestAuthority, createTestClock, startTestService } from '@gatehouse/testing';
import type { ServiceContext } from './service-context.ts';

test('a copy with another clock has every member of the context', async (t) => {
  const authority = await createTestAuthority();
  let given: ServiceContext | undefined;
  const service = await startTestService({
    name: 'board',
    authority,
    build: async (context) => {
      given = context;
      return { implementations: [] };
    },
  });
  t.after(async () => {
    await service.close();
    await authority.close();
  });
  assert.ok(given);
  const clock = createTestClock();
  const copy: ServiceContext = { ...given, clock };
  const members: readonly (keyof ServiceContext)[] = [
    'name',
    'trustDomain',
    'identity',
    'env',
    'log',
    'clock',
    'tls',
    'telemetry',
    'database',
    'client',
    'http',
    'revocations',
    'accessKeys',
    'passportKeys',
    'trust',
    'serviceTokens',
    'onClose',
    'readiness',
    'adminRoute',
  ];
  assert.deepEqual(Object.keys(copy).sort(), [...members].sort());
  assert.equal(copy.clock, clock);
  assert.equal(copy.identity, 'spiffe://gatehouse.local/board');
  // The functions do not ask for the object that they were members of.
  const { readiness, adminRoute, onClose, http } = copy;
  readiness('shelf', () => 'full');
  adminRoute({ verb: 'GET', path: '/shelf', respond: () => ({ books: 3 }) });
  onClose(async () => undefined);
  assert.throws(() => http('extension'), { name: 'ConfigError' });
  const shelf = await fetch(`${service.adminUrl}/shelf`);
  assert.deepEqual(await shelf.json(), { books: 3 });
});
