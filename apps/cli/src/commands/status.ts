import { type PartReport, type PlatformReport, reportOn } from '@gatehouse/platform';
import { duration, jsonOf, megabytes, table } from '../terminal/text.ts';
import type { DataFlags, JsonFlags } from './flags.ts';

export async function status(flags: DataFlags & JsonFlags): Promise<number> {
  const report = await reportOn(flags.data);
  const parts = report?.parts ?? [];
  if (flags.json) console.log(jsonOf(parts.map(partJson)));
  else if (report === undefined) {
    console.log(`Nothing runs on ${flags.data}. "gatehouse up" starts the platform.`);
  } else console.log(screen(report));
  return parts.length > 0 && parts.every(({ state }) => state === 'ready') ? 0 : 1;
}

function partJson({ name, state, ports, pid, rssBytes }: PartReport) {
  return { name, state, ports, pid: pid ?? null, rssBytes: rssBytes ?? null };
}

function screen(report: PlatformReport): string {
  const { parts, dataDir, supervisorPid, startedAtMs, portOffset } = report;
  const ready = parts.every(({ state }) => state === 'ready');
  const rows = parts.map(({ name, state, pid, rssBytes, ports }) => [
    name,
    state,
    pid === undefined ? '-' : String(pid),
    rssBytes === undefined ? '-' : megabytes(rssBytes),
    Object.entries(ports)
      .map(([listener, port]) => `${listener} ${port}`)
      .join(', '),
  ]);
  return [
    `Gatehouse ${ready ? 'is up' : 'runs, but not every part is ready'}, started ${duration(Date.now() - startedAtMs)} ago.`,
    `  data ${dataDir}, supervisor ${supervisorPid}, port offset ${portOffset}`,
    '',
    ...table(['part', 'state', 'pid', 'memory', 'ports'], rows),
    '',
    ready
      ? '"gatehouse logs [PART]" shows their logs; "gatehouse down" stops them.'
      : '"gatehouse doctor" looks for the cause; "gatehouse logs PART" shows the log of a part.',
  ].join('\n');
}
