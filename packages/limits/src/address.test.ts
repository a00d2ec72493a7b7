import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitedAddress, limitedNetworks } from './address.ts';

test('IPv4 counts as it is, IPv6 by its /64, however it is written', () => {
  assert.equal(limitedAddress('192.0.2.7'), '192.0.2.7');
  assert.equal(limitedAddress('::ffff:192.0.2.7'), '192.0.2.7');
  const network = '2001:db8:0:1::/64';
  for (const address of [
    '2001:db8:0:1::1',
    '2001:DB8:0:1:ffff:ffff:ffff:ffff',
    '2001:0db8:0000:0001::',
    '2001:db8:0:1:0:0:192.0.2.1',
  ]) {
    assert.equal(limitedAddress(address), network, address);
  }
  assert.equal(limitedAddress('2001:db8::1'), '2001:db8:0:0::/64');
  assert.equal(limitedAddress('::1'), '0:0:0:0::/64');
  assert.equal(limitedAddress('fe80::1%eth0'), 'fe80:0:0:0::/64');
  assert.equal(limitedAddress('64:ff9b::192.0.2.1'), '64:ff9b:0:0::/64');
  assert.equal(limitedAddress(''), 'unknown');
  assert.notEqual(limitedAddress('::ffff:192.0.2.1'), limitedAddress('::ffff:198.51.100.1'));
});

test('IPv6 counts for its /48 as well', () => {
  assert.deepEqual(limitedNetworks('2001:db8:7:1::1'), ['2001:db8:7:1::/64', '2001:db8:7::/48']);
  assert.deepEqual(limitedNetworks('192.0.2.7'), ['192.0.2.7']);
  assert.deepEqual(limitedNetworks('::ffff:192.0.2.7'), ['192.0.2.7']);
  assert.deepEqual(limitedNetworks(''), ['unknown']);
});
