import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../errors.ts';
import { POSTGRES, services } from '../parts.ts';
import { envOf, portUses, replicasOf, upstreamsOf, urlsOf } from './replicas.ts';

const parts = [POSTGRES, ...services()];
const WIRING = {
  trustDomain: 'gatehouse.local',
  upstreams: 'auth=localhost:7410',
  kekFile: '/data/keys/kek',
  port: () => 1,
  urls: () => ['http://127.0.0.1:1'],
};

test('no two listeners share a port, with as many replicas of everything as there may be', () => {
  const replicas = Object.fromEntries(parts.map(({ name, maxReplicas }) => [name, maxReplicas]));
  const ports = portUses(replicasOf({ parts, portOffset: 0, replicas })).map(({ port }) => port);
  assert.equal(new Set(ports).size, ports.length);
});

test('ports are those that are documented, and move together', () => {
  const of = (portOffset: number) =>
    Object.fromEntries(
      replicasOf({ parts, portOffset, replicas: { gateway: 2 } }).map(({ name, ports }) => [
        name,
        ports,
      ]),
    );
  assert.partialDeepStrictEqual(of(0), {
    postgres: { sql: 7490 },
    auth: { http: 8091, grpc: 7410, admin: 7411, keys: 7412 },
    user: { grpc: 7420, admin: 7421 },
    board: { grpc: 7430, admin: 7431 },
    extension: { http: 8092, admin: 7441 },
    core: { http: 8090, grpc: 7450, admin: 7451 },
    gateway: { http: 8080, admin: 7400 },
    'gateway-2': { http: 8081, admin: 7401 },
  });
  assert.deepEqual(of(100)['gateway-2'], { http: 8181, admin: 7501 });
});

test('a part is needed only by parts that are listed after it', () => {
  for (const [index, { needs }] of parts.entries()) {
    for (const need of needs) assert.ok(parts.slice(0, index).some(({ name }) => name === need));
  }
});

test('every copy is an upstream', () => {
  const replicas = replicasOf({ parts, portOffset: 0, replicas: { board: 2 } });
  assert.match(
    upstreamsOf(replicas),
    /^auth=localhost:7410,user=localhost:7420,board=localhost:7430,board=localhost:7432\b/,
  );
});

test('core is told of every copy of extension', () => {
  const replicas = replicasOf({ parts, portOffset: 100, replicas: { extension: 2 } });
  const urls = urlsOf(replicas, 'extension', 'http');
  assert.deepEqual(urls, ['http://127.0.0.1:8192', 'http://127.0.0.1:8202']);
  const core = replicas.find(({ name }) => name === 'core');
  assert.ok(core);
  const env = envOf(core, { ...WIRING, urls: () => urls }, { tlsFolder: '/tls' });
  assert.equal(env.GATEHOUSE_HTTP_TARGETS, `extension=${urls[0]},extension=${urls[1]}`);
});

test('only auth is told the key-encryption key and who becomes admin', () => {
  const at = { ...WIRING, bootstrapAdminEmail: 'admin@demo.gatehouse.local' };
  for (const replica of replicasOf({ parts: services(), portOffset: 0, replicas: {} })) {
    const env = envOf(replica, at, { tlsFolder: '/tls' });
    const told = ['GATEHOUSE_KEK_FILE', 'GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL'].filter(
      (key) => env[key],
    );
    assert.equal(told.length, replica.name === 'auth' ? 2 : 0);
    assert.equal(env.GATEHOUSE_ADMIN_PORT, String(replica.ports.admin));
  }
});

test('unknown parts, too many replicas and impossible offsets are refused', () => {
  for (const options of [
    { portOffset: 0, replicas: { bord: 2 } },
    { portOffset: 0, replicas: { gateway: 11 } },
    { portOffset: 0, replicas: { postgres: 2 } },
    { portOffset: 0, replicas: { board: 0 } },
    { portOffset: -1, replicas: {} },
    { portOffset: 60_000, replicas: {} },
    { portOffset: 0.5, replicas: {} },
  ]) {
    assert.throws(() => replicasOf({ parts, ...options }), PlatformError);
  }
});
