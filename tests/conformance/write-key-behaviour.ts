/** Writes bench/results/key-behaviour.{json,md}: `node tests/conformance/write-key-behaviour.ts`. */
import { writeFileSync } from 'node:fs';
import { runScenarios, type Scenario, SETTINGS } from './key-behaviour.ts';

const RESULTS = new URL('../../bench/results/', import.meta.url);

const scenarios = await runScenarios();
const date = new Date().toISOString().slice(0, 10);
const data = { date, node: process.version, settings: SETTINGS, scenarios };
writeFileSync(new URL('key-behaviour.json', RESULTS), `${JSON.stringify(data, null, 2)}\n`);
writeFileSync(new URL('key-behaviour.md', RESULTS), page());

function page(): string {
  const { cooldownMs, timeoutMs, maxWaitMs, refreshIntervalMs } = SETTINGS;
  return `# key-behaviour

A verifier with a remote key set, and an auth server over real HTTP that is late, wrong, silent, away, or
under a storm. ${date}, Node ${process.version}. Made by \`node tests/conformance/write-key-behaviour.ts\`; tests
assert it (tests/conformance/key-behaviour.test.ts).

Settings: cool-down ${cooldownMs} ms, time-out ${timeoutMs} ms, longest wait ${maxWaitMs} ms, refresh every
${refreshIntervalMs} ms (storms and the new key: every minute). The defaults are longer; how often is what
counts. \`keys_unavailable\` is answered with 503, \`key_unknown\` with 401. No token is cached.

| Scenario | Requests | Succeeded | Failed | Fetches | Slowest, ms | Duration, ms |
| --- | --- | --- | --- | --- | --- | --- |
${scenarios.map(row).join('\n')}
`;
}

function row(scenario: Scenario): string {
  const { name, requests, succeeded, failed, fetches, slowestMs, durationMs } = scenario;
  const codes = Object.entries(failed).map(([code, count]) => `${count} ${code}`);
  const cells = [
    name,
    requests,
    succeeded,
    codes.join(', ') || '0',
    fetches,
    slowestMs,
    durationMs,
  ];
  return `| ${cells.join(' | ')} |`;
}
