import { type PartReport, type PlatformReport, reportOn } from '@gatehouse/platform';
import { duration, megabytes, table } from '../text.ts';
import { parseFlags } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

export const status: Command = {
  name: 'status',
  summary: 'what runs, and how it is doing; exit code 1 when not all of it is ready',
  flags: [DATA_HELP, ['--json', 'as JSON: [{name, state, ports, pid, rssBytes}]']],
  run: async (args) => {
    const flags = parseFlags('status', args, {
      data: DATA_FLAG,
      json: { type: 'boolean', default: false },
    });
    const report = await reportOn(flags.data);
    const parts = report?.parts ?? [];
    if (flags.json) console.log(JSON.stringify(parts.map(jsonOf), undefined, 2));
    else if (report === undefined) {
      console.log(`Nothing runs on ${flags.data}. "gatehouse up" starts the platform.`);
    } else console.log(screen(report));
    return parts.length > 0 && parts.every(({ state }) => state === 'ready') ? 0 : 1;
  },
};

function jsonOf({ name, state, ports, pid, rssBytes }: PartReport) {
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
    `Gatehouse ${ready ? 'is up' : 'runs, and not all of it is ready'}, for ${duration(Date.now() - startedAtMs)} now.`,
    `  data ${dataDir}, supervisor ${supervisorPid}, port offset ${portOffset}`,
    '',
    ...table(['part', 'state', 'pid', 'memory', 'ports'], rows),
    '',
    ready
      ? 'gatehouse logs [PART] shows what they say; gatehouse down stops them.'
      : 'gatehouse doctor says what is wrong; gatehouse logs PART shows what a part says.',
  ].join('\n');
}
