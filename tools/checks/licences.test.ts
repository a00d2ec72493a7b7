import assert from 'node:assert/strict';
import { test } from 'node:test';
import { licenceFaults } from './licences.ts';

const faultsOf = (license: string | undefined, dev = false): number =>
  licenceFaults({
    packages: { 'node_modules/a': { dev, ...(license === undefined ? {} : { license }) } },
  }).length;

test('permissive licences are shipped', () => {
  for (const license of ['MIT', 'ISC', 'Apache-2.0', '(MIT OR GPL-3.0-only)']) {
    assert.equal(faultsOf(license), 0, license);
  }
});

test('copyleft, unknown and missing licences are not, nor one half of an AND', () => {
  for (const license of ['GPL-3.0-only', 'AGPL-3.0', 'SEE LICENSE IN x', '(MIT AND GPL-2.0)']) {
    assert.equal(faultsOf(license), 1, license);
  }
  assert.equal(faultsOf(undefined), 1);
});

test('some licences are for building only', () => {
  assert.equal(faultsOf('CC-BY-4.0', true), 0);
  assert.equal(faultsOf('CC-BY-4.0', false), 1);
  assert.equal(faultsOf('GPL-3.0-only', true), 1);
});

test('what is ours is Apache-2.0', () => {
  const packages = { '': { license: 'Apache-2.0' }, 'packages/errors': { license: 'MIT' } };
  assert.deepEqual(licenceFaults({ packages }).length, 1);
  assert.deepEqual(licenceFaults({ packages: { 'packages/errors': {} } }).length, 1);
  assert.deepEqual(
    licenceFaults({ packages: { 'node_modules/@gatehouse/errors': { link: true } } }),
    [],
  );
});
