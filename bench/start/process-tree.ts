/** What a process and all that came of it use. Linux: proc(5). */
import { readdirSync, readFileSync } from 'node:fs';

export interface TreeUse {
  readonly processes: number;
  /** Proportional set size of all: memory shared by n processes counts one nth in each. */
  readonly pssMb: number;
  /** CPU time of all since their start, also of children that have ended. */
  readonly cpuSeconds: number;
}

const TICKS_PER_SECOND = 100;

/** @param root - pid of the process at the top. */
export function useOfTree(root: number): TreeUse {
  const known = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(Number(pid)));
  const tree = new Set([root]);
  // A child may have a lower pid than its parent, so that one pass is not enough.
  for (let before = 0; before < tree.size; ) {
    before = tree.size;
    for (const { pid, parent } of known) if (tree.has(parent)) tree.add(pid);
  }
  const members = known.filter(({ pid }) => tree.has(pid));
  return {
    processes: members.length,
    pssMb: sum(members.map(({ pid }) => pssMbOf(pid))),
    cpuSeconds: sum(members.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

function statOf(pid: number) {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return [];
  // The name, in brackets, may hold anything: count from its end.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = sum(fields.slice(11, 15));
  return [{ pid, parent: fields[1] ?? 0, cpuSeconds: ticks / TICKS_PER_SECOND }];
}

function pssMbOf(pid: number): number {
  const kib = /^Pss: +(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return (Number(kib ?? 0) * 1024) / 1e6;
}

/** `undefined`: it has ended meanwhile. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
