import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

// Callers that stay, and many more that come, are kept a while, and go: what V8 by itself collects late.
const CROWD = `
import { getHeapStatistics } from 'node:v8';
import { boundHeapGrowth } from ${JSON.stringify(new URL('heap.ts', import.meta.url).href)};
boundHeapGrowth();
const usedMb = () => getHeapStatistics().used_heap_size / 1e6;
const caller = (at) => ({ at, claims: Array.from({ length: 12 }, (_, index) => at + index + 0.5) });
const staying = Array.from({ length: 500_000 }, (_, at) => caller(at));
const passing = new Array(100_000);
const firstMb = usedMb();
let mostMb = 0;
for (let at = 0; at < 3_000_000; at += 1) {
  passing[at % passing.length] = caller(at);
  if (at % 1000 === 0) mostMb = Math.max(mostMb, usedMb());
}
console.log(JSON.stringify({ firstMb, mostMb, staying: staying.length }));
`;

test('what callers leave behind is collected before it is many times what is in use', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    CROWD,
  ]);
  const { firstMb, mostMb } = JSON.parse(stdout) as Readonly<Record<'firstMb' | 'mostMb', number>>;
  assert.ok(mostMb < firstMb * 4, `${firstMb} MB, then up to ${mostMb} MB`);
});
