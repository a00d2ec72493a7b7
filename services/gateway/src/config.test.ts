import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, EnvReader } from '@gatehouse/chassis';
import { readGatewayConfig } from './config.ts';

const GOOD = {
  GATEHOUSE_HTTP_PORT: '8080',
  GATEHOUSE_ISSUER: 'http://127.0.0.1:8091',
  GATEHOUSE_EDGE_AUDIENCE: 'https://edge.gatehouse.local',
  GATEHOUSE_KEYS_URL: 'https://localhost:7412',
  GATEHOUSE_UPSTREAMS: 'auth=localhost:7410,board=localhost:7430,board=localhost:7432',
};

test('the settings are read, with the loopback and no proxies as defaults', () => {
  const config = readGatewayConfig(new EnvReader(GOOD));
  assert.deepEqual(config.listen, [{ host: '127.0.0.1', port: 8080, tls: undefined }]);
  assert.deepEqual(config.upstreams.get('board'), ['localhost:7430', 'localhost:7432']);
  assert.equal(config.proxies.isTrusted('127.0.0.1'), false);
  assert.deepEqual(config.corsOrigins, []);
  assert.deepEqual(config.requestLimit, { perSecond: 500, burst: 1000 });
  assert.equal(config.connections.total, 10_000);
  assert.equal(config.connections.perAddress, 1000);
});

test('limits and origins are as they are set', () => {
  const config = readGatewayConfig(
    new EnvReader({
      ...GOOD,
      GATEHOUSE_CORS_ORIGINS: 'https://app.example, http://localhost:3000',
      GATEHOUSE_RATE_PER_SECOND: '10',
      GATEHOUSE_RATE_BURST: '0',
      GATEHOUSE_MAX_CONNECTIONS: '20',
      GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '5',
    }),
  );
  assert.deepEqual(config.corsOrigins, ['https://app.example', 'http://localhost:3000']);
  assert.deepEqual(config.requestLimit, { perSecond: 10, burst: 0 });
  assert.deepEqual([config.connections.total, config.connections.perAddress], [20, 5]);
});

test('proxies are addresses and blocks', () => {
  const env = { ...GOOD, GATEHOUSE_TRUSTED_PROXIES: '10.0.0.0/8, ::1' };
  const { proxies } = readGatewayConfig(new EnvReader(env));
  assert.deepEqual(
    ['10.1.2.3', '11.1.2.3', '::1', '::2'].map((address) => proxies.isTrusted(address)),
    [true, false, true, false],
  );
});

test('a setting that is missing or wrong is named', () => {
  for (const name of Object.keys(GOOD)) {
    if (name === 'GATEHOUSE_UPSTREAMS') continue;
    const env = new EnvReader({ ...GOOD, [name]: '' });
    assert.throws(
      () => readGatewayConfig(env),
      (error) => error instanceof ConfigError && error.message.includes(name),
    );
  }
  const wrong = {
    GATEHOUSE_TRUSTED_PROXIES: 'proxy',
    GATEHOUSE_CORS_ORIGINS: '*',
    GATEHOUSE_RATE_PER_SECOND: '0',
    GATEHOUSE_MAX_CONNECTIONS: 'many',
  };
  for (const [name, value] of Object.entries(wrong)) {
    const env = new EnvReader({ ...GOOD, [name]: value });
    assert.throws(() => readGatewayConfig(env), new RegExp(name));
  }
});
