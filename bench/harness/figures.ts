import type { Measured } from './measure.ts';
import type { Bench, Goal, Limit, Sample } from './types.ts';

/** A figure with what it was made of. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Operations per CPU-second of one subject. */
export interface SubjectFigure {
  readonly name: string;
  readonly perCpuSecond: Spread;
  readonly microsecondsEach: number;
  readonly extras: Readonly<Record<string, Spread>>;
  readonly samples: readonly Sample[];
}

/** A comparison, made round by round: what disturbs a round disturbs both. */
export interface RatioFigure {
  readonly subject: string;
  readonly baseline: string;
  readonly ratio: Spread;
  readonly atLeast: number;
  readonly orPerCpuSecond?: number;
  readonly met: boolean;
}

/** What an extra was, or its ratio to that of a baseline. */
export interface LimitFigure extends Limit {
  readonly value: Spread;
  readonly met: boolean;
}

export interface Figures {
  readonly subjects: readonly SubjectFigure[];
  readonly ratios: readonly RatioFigure[];
  readonly limits: readonly LimitFigure[];
}

/** @throws Error when a goal or a limit names a subject or an extra that is not there. */
export function figuresOf(bench: Bench, measured: readonly Measured[]): Figures {
  const rates = new Map(measured.map(({ name, samples }) => [name, samples.map(rateOf)]));
  const ratesOf = (name: string): readonly number[] => {
    const found = rates.get(name);
    if (found === undefined) throw new Error(`there is no subject ${name}`);
    return found;
  };
  const ratios = bench.goals.map((goal) => {
    const [subject, baseline] = [ratesOf(goal.subject), ratesOf(goal.baseline)];
    const ratio = spreadOf(byRound(subject, baseline));
    return { ...goal, ratio, met: isMet(goal, ratio.median, spreadOf(subject).median) };
  });
  const limits = (bench.limits ?? []).map((limit) => limitFigure(measured, limit));
  return { subjects: measured.map(subjectFigure), ratios, limits };
}

function isMet({ atLeast, orPerCpuSecond }: Goal, ratio: number, perCpuSecond: number): boolean {
  return ratio >= atLeast || (orPerCpuSecond !== undefined && perCpuSecond >= orPerCpuSecond);
}

function limitFigure(measured: readonly Measured[], limit: Limit): LimitFigure {
  const extrasOf = (name: string): readonly number[] => {
    const samples = measured.find((each) => each.name === name)?.samples ?? [];
    return samples.map(({ extras }) => {
      const value = extras?.[limit.extra];
      if (value === undefined) throw new Error(`${name} has no ${limit.extra}`);
      return value;
    });
  };
  const values = extrasOf(limit.subject);
  const { baseline, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = limit;
  const value = spreadOf(baseline === undefined ? values : byRound(values, extrasOf(baseline)));
  return { ...limit, value, met: value.median >= atLeast && value.median <= atMost };
}

function byRound(values: readonly number[], baselines: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (baselines[round] ?? 0));
}

/** @throws Error when there is nothing. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [min, max, upper] = [sorted[0], sorted.at(-1), sorted[middle]];
  if (min === undefined || max === undefined || upper === undefined) throw new Error('no sample');
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? upper) : upper;
  return { median: (lower + upper) / 2, min, max };
}

function rateOf({ operations, cpuSeconds }: Sample): number {
  return operations / cpuSeconds;
}

function subjectFigure({ name, samples }: Measured): SubjectFigure {
  const perCpuSecond = spreadOf(samples.map(rateOf));
  const names = Object.keys(samples[0]?.extras ?? {});
  const extras = Object.fromEntries(
    names.map((extra) => [extra, spreadOf(samples.map((sample) => sample.extras?.[extra] ?? 0))]),
  );
  return { name, perCpuSecond, microsecondsEach: 1e6 / perCpuSecond.median, extras, samples };
}
