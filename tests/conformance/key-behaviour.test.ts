/** Keys over a real server. Counts are asserted, never speed; a slow machine only makes fewer requests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScenarios, type Scenario, SETTINGS } from './key-behaviour.ts';

const scenarios = await runScenarios();

function scenariosOf(part: string): readonly Scenario[] {
  const found = scenarios.filter(({ name }) => name.includes(part));
  assert.ok(found.length > 0, part);
  return found;
}

test('unavailable is never reported as unauthenticated: what fails for keys fails as such', () => {
  for (const { name, failed } of scenarios) {
    // Nobody published the keys of a storm. A kid that is missing in a set fetched a moment ago is unknown.
    const codes = name.includes('storm')
      ? ['keys_unavailable', 'key_unknown']
      : ['keys_unavailable'];
    for (const code of Object.keys(failed)) assert.ok(codes.includes(code), `${name}: ${code}`);
  }
});

test('after the first load no request fails, however the server answers, or not at all', () => {
  for (const { name, requests, succeeded } of scenariosOf('after the first load')) {
    assert.ok(requests > 0);
    assert.equal(succeeded, requests, name);
  }
});

test('before the first load requests are told to come again, and succeed once there are keys', () => {
  const [away] = scenariosOf('it comes back');
  assert.ok(away && (away.failed.keys_unavailable ?? 0) > 0 && away.succeeded > 0);
  const [silent] = scenariosOf('never answers');
  assert.equal(silent?.succeeded, 0);
  const [inTime] = scenariosOf('within the wait');
  assert.deepEqual([inTime?.succeeded, inTime?.fetches], [100, 1]);
  const [late] = scenariosOf('later than the wait');
  assert.ok(late && late.succeeded >= 100);
});

test('a storm of unknown kids causes one fetch per cool-down, counted from attempts', () => {
  for (const { name, requests, fetches, durationMs } of scenariosOf('storm')) {
    assert.ok(requests > 100);
    // One for the start.
    const most = 1 + Math.ceil(durationMs / SETTINGS.cooldownMs);
    assert.ok(fetches <= most, `${name}: ${fetches} fetches in ${durationMs} ms`);
  }
  const [storm] = scenariosOf('a storm of unknown kids');
  assert.ok((storm?.fetches ?? 0) >= 2);
  assert.equal(storm?.failed.key_unknown, storm?.requests);
});

test('good tokens pass through a storm while the server is unavailable', () => {
  const [mixed] = scenariosOf('good tokens among them');
  assert.ok(mixed);
  assert.equal(mixed.succeeded, Math.ceil(mixed.requests / 2));
});

test('a new key is found by one fetch for all who need it', () => {
  const [rotation] = scenariosOf('a new key');
  assert.deepEqual([rotation?.succeeded, rotation?.fetches], [201, 2]);
});
