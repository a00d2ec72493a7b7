import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChassisConfig, readTraceView } from './config.ts';
import { EnvReader } from './env-reader.ts';
import { ConfigError } from './errors.ts';
import { addressesOf, readUpstreams } from './upstreams.ts';

const SECRET = 'hunter2';

/** The message of the ConfigError, which must name the variable and never the value. */
function faultOf(read: (env: EnvReader) => unknown, value: string | undefined): string {
  try {
    read(new EnvReader({ SETTING: value }));
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.variable, 'SETTING');
    assert.ok(!error.message.includes(SECRET));
    return error.message;
  }
  return 'no fault';
}

test('a missing setting is named, with what it must be', () => {
  assert.equal(
    faultOf((env) => env.port('SETTING'), undefined),
    'SETTING must be a TCP port, such as 7410; it is not set',
  );
  assert.match(
    faultOf((env) => env.string('SETTING'), ''),
    /^SETTING must be set/,
  );
});

test('a wrong setting is named, and its value is not shown', () => {
  for (const value of [SECRET, '65536', '-1', '1e3', ' 80', '0x50']) {
    assert.match(
      faultOf((env) => env.port('SETTING'), value),
      /must be a TCP port/,
    );
  }
  assert.match(
    faultOf((env) => env.url('SETTING'), SECRET),
    /must be an absolute URL/,
  );
  assert.match(
    faultOf((env) => env.flag('SETTING'), SECRET),
    /must be 1 or 0/,
  );
  assert.match(
    faultOf((env) => env.oneOf('SETTING', ['a', 'b'], 'a'), SECRET),
    /must be one of a, b/,
  );
  assert.match(
    faultOf((env) => env.optionalInteger('SETTING', { least: 1, most: 9 }), '10'),
    /from 1 to 9/,
  );
});

test('good settings are read', () => {
  const env = new EnvReader({ PORT: '0', URL: 'http://h:1/', ON: '1', LIST: ' a, b ,,', N: '7' });
  assert.equal(env.port('PORT'), 0);
  assert.equal(env.url('URL').host, 'h:1');
  assert.equal(env.flag('ON'), true);
  assert.equal(env.flag('OFF'), false);
  assert.deepEqual(env.list('LIST'), ['a', 'b']);
  assert.equal(env.optionalInteger('N', { least: 0, most: 9 }), 7);
  assert.equal(env.optionalPort('NONE'), undefined);
  assert.equal(env.optionalUrl('NONE'), undefined);
});

test('the trust domain must be one', () => {
  const env = (domain: string) =>
    new EnvReader({
      GATEHOUSE_TRUST_DOMAIN: domain,
      GATEHOUSE_TLS_DIR: '/x',
      GATEHOUSE_ADMIN_PORT: '1',
    });
  assert.equal(readChassisConfig(env('gatehouse.local')).bindAddress, '127.0.0.1');
  for (const bad of ['spiffe://x', 'Upper.case', 'a/b', '']) {
    assert.throws(() => readChassisConfig(env(bad)), /GATEHOUSE_TRUST_DOMAIN/);
  }
});

test('upstreams: a name may repeat, and must be there when it is asked for', () => {
  const text = 'auth=localhost:7410, board=localhost:7430,board=[::1]:7431';
  const upstreams = readUpstreams(new EnvReader({ GATEHOUSE_UPSTREAMS: text }));
  assert.deepEqual(addressesOf(upstreams, 'board'), ['localhost:7430', '[::1]:7431']);
  assert.throws(() => addressesOf(upstreams, 'user'), /must name user: add user=host:port/);
  for (const bad of ['auth', 'auth=localhost', 'auth=localhost:99999', 'a b=c:1', 'auth=x:1/y']) {
    assert.throws(
      () => readUpstreams(new EnvReader({ GATEHOUSE_UPSTREAMS: bad })),
      /name=host:port/,
    );
  }
});

test('spans are shown on this machine or nowhere', () => {
  const env = (url: string) => new EnvReader({ GATEHOUSE_TRACE_VIEW: url });
  assert.equal(readTraceView(env('http://127.0.0.1:7480'))?.port, '7480');
  assert.equal(readTraceView(new EnvReader({})), undefined);
  for (const bad of [
    'http://192.0.2.1:7480',
    'http://0.0.0.0:7480',
    'http://localhost.example',
    '1',
  ]) {
    assert.throws(() => readTraceView(env(bad)), /GATEHOUSE_TRACE_VIEW/);
  }
});
