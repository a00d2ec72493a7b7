import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress, trustedProxies } from './client-address.ts';

const none = trustedProxies([]);
const lan = trustedProxies(['10.0.0.0/8', '127.0.0.1', 'fd00::/8']);

function address(options: Partial<Parameters<typeof clientAddress>[0]>): string {
  return clientAddress({
    peerAddress: '127.0.0.1',
    proxies: lan,
    xForwardedFor: undefined,
    forwarded: undefined,
    ...options,
  });
}

test('without trusted proxies the TCP peer it is, whatever is claimed', () => {
  assert.equal(address({ proxies: none, xForwardedFor: '9.9.9.9' }), '127.0.0.1');
  assert.equal(address({ peerAddress: '::ffff:192.0.2.1', proxies: none }), '192.0.2.1');
  assert.equal(address({ peerAddress: 'FE80::1%eth0', proxies: none }), 'fe80::1');
});

test('behind a proxy: the rightmost hop that is not ours', () => {
  assert.equal(address({ xForwardedFor: '1.1.1.1, 9.9.9.9, 10.1.2.3' }), '9.9.9.9');
  assert.equal(address({ xForwardedFor: '9.9.9.9:4711' }), '9.9.9.9');
});

test('a client in front of the proxy cannot choose its address', () => {
  assert.equal(address({ xForwardedFor: '127.0.0.1, 9.9.9.9' }), '9.9.9.9');
});

test('a hop that is no address ends the search', () => {
  assert.equal(address({ xForwardedFor: '9.9.9.9, unknown, 10.1.2.3' }), '10.1.2.3');
  assert.equal(address({ xForwardedFor: '' }), '127.0.0.1');
});

test('all hops ours: the first of them', () => {
  assert.equal(address({ xForwardedFor: '10.0.0.1, 10.0.0.2' }), '10.0.0.1');
  assert.equal(address({}), '127.0.0.1');
});

test('Forwarded is read where there is no X-Forwarded-For', () => {
  const forwarded = 'for=1.1.1.1, proto=https;for="[2001:DB8::1]:4711", for=10.0.0.1;by=x';
  assert.equal(address({ forwarded }), '2001:db8::1');
  assert.equal(address({ forwarded, xForwardedFor: '9.9.9.9' }), '9.9.9.9');
});

test('a bad list of proxies is refused with its entry', () => {
  for (const entry of ['10.0.0.0/33', 'proxy', '10.0.0.1/', '::1/129', '1.2.3.4/8/8']) {
    assert.throws(() => trustedProxies([entry]), new RegExp(entry.replaceAll('.', '\\.')));
  }
});
