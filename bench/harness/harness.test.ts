import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf, spreadOf } from './figures.ts';
import { measure } from './measure.ts';
import { CORES, cpuSecondsOf, startPinned, startWork } from './processes.ts';
import { pageOf } from './report.ts';
import type { Bench, Sample } from './types.ts';

/** A bench whose subjects say what they measured, and in which order they were asked. */
function scripted(
  samples: Readonly<Record<string, readonly Sample[]>>,
  goals: Bench['goals'] = [],
) {
  const turns: string[] = [];
  const closed: string[] = [];
  const bench: Bench = {
    name: 'scripted',
    about: 'A script.',
    rounds: 2,
    warmUpRounds: 1,
    goals,
    subjects: Object.entries(samples).map(([name, [...left]]) => ({
      name,
      start: async () => ({
        round: async () => {
          turns.push(name);
          return left.shift() ?? { operations: 0, cpuSeconds: 0 };
        },
        close: async () => void closed.push(name),
      }),
    })),
  };
  return { bench, turns, closed };
}

const sample = (operations: number, cpuSeconds = 1): Sample => ({ operations, cpuSeconds });

test('subjects take turns, each round begins with another, and the warm-up does not count', async () => {
  const { bench, turns, closed } = scripted({
    a: [sample(1), sample(2), sample(3)],
    b: [sample(4), sample(5), sample(6)],
  });
  const measured = await measure(bench, 0);
  assert.deepEqual(turns, ['a', 'b', 'b', 'a', 'a', 'b']);
  assert.deepEqual(measured, [
    { name: 'a', samples: [sample(2), sample(3)] },
    { name: 'b', samples: [sample(5), sample(6)] },
  ]);
  assert.deepEqual(closed, ['a', 'b']);
});

test('a subject that fails ends the run, and all that were started are closed', async () => {
  const { bench, closed } = scripted({ a: [], b: [] });
  const broken = { name: 'c', start: () => Promise.reject(new Error('no such program')) };
  await assert.rejects(measure({ ...bench, subjects: [...bench.subjects, broken] }, 0), /no such/);
  assert.deepEqual(closed, ['a', 'b']);
});

test('a ratio is made round by round, and a goal is met by its median', async () => {
  const goals = [
    { subject: 'a', baseline: 'b', atLeast: 2 },
    { subject: 'b', baseline: 'a', atLeast: 1 },
  ];
  const { bench } = scripted(
    { a: [sample(0), sample(10, 2), sample(30)], b: [sample(0), sample(5), sample(10)] },
    goals,
  );
  const { subjects, ratios } = figuresOf(bench, await measure(bench, 0));
  assert.deepEqual(subjects[0]?.perCpuSecond, { median: 17.5, min: 5, max: 30 });
  assert.deepEqual(ratios[0]?.ratio, { median: 2, min: 1, max: 3 });
  assert.deepEqual(
    ratios.map(({ met }) => met),
    [true, false],
  );
  const machine = {
    loadBefore: 0.5,
    cpu: 'a CPU',
    cores: 2,
    kernel: '6',
    node: 'v24',
    openssl: '3',
  };
  const page = pageOf(bench, { subjects, ratios, limits: [] }, { date: '2026-01-01', machine });
  assert.match(page, /\| a ÷ b \| 2\.00 \| 1\.00 – 3\.00 \| ≥ 2 \| met \|/);
  assert.match(page, /\*\*missed\*\*/);
  assert.throws(() =>
    figuresOf({ ...bench, goals: [{ subject: 'x', baseline: 'a', atLeast: 1 }] }, []),
  );
});

test('a goal is also met by enough in itself; a limit is one of an extra, or of its ratio', async () => {
  const timed = (p99Ms: number): Sample => ({ operations: 10, cpuSeconds: 1, extras: { p99Ms } });
  const { bench } = scripted(
    { a: [timed(0), timed(4), timed(6)], b: [timed(0), timed(1), timed(3)] },
    [{ subject: 'a', baseline: 'b', atLeast: 2, orPerCpuSecond: 10 }],
  );
  const limits = [
    { subject: 'a', extra: 'p99Ms', baseline: 'b', atMost: 3 },
    { subject: 'a', extra: 'p99Ms', atMost: 4 },
    { subject: 'a', extra: 'p99Ms', atLeast: 5 },
  ];
  const measured = await measure(bench, 0);
  const figures = figuresOf({ ...bench, limits }, measured);
  assert.equal(figures.ratios[0]?.met, true);
  assert.deepEqual(
    figures.limits.map(({ value, met }) => [value.median, met]),
    [
      [3, true],
      [5, false],
      [5, true],
    ],
  );
  const unknown = [{ subject: 'a', extra: 'p50Ms', atMost: 1 }];
  assert.throws(() => figuresOf({ ...bench, limits: unknown }, measured), /a has no p50Ms/);
});

test('the median of an even number of values is the middle of two', () => {
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  assert.throws(() => spreadOf([]), /no sample/);
});

test('work runs in a process of its own, whose CPU time is the cost', async () => {
  const module = new URL('fixtures/works.ts', import.meta.url);
  const subject = await startWork(CORES.subject, { module, name: 'spin' });
  try {
    const { operations, cpuSeconds } = await subject.round();
    assert.equal(operations, 7);
    assert.ok(cpuSeconds > 0.02, `${cpuSeconds}`);
  } finally {
    await subject.close();
  }
});

test('work that is not there ends the run with its name', async () => {
  const module = new URL('fixtures/works.ts', import.meta.url);
  await assert.rejects(startWork(CORES.subject, { module, name: 'absent' }), /absent ended with/);
});

test('a process is pinned to its core, its CPU time can be read, and it is stopped', async () => {
  const script =
    'const end = Date.now() + 100; while (Date.now() < end); console.log("done"); setInterval(() => {}, 1000)';
  const started = startPinned(0, [process.execPath, '-e', script]);
  await new Promise((resolve) => started.child.stdout?.once('data', resolve));
  assert.ok(started.cpuSeconds() > 0);
  assert.ok(cpuSecondsOf(process.pid) > 0);
  await started.stop();
  assert.equal(started.child.signalCode, 'SIGTERM');
  await started.stop();
});
