import { examine, type Finding } from '@gatehouse/platform';
import { parseFlags, wholeNumber } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

const MAX_OFFSET = 50_000;

export const doctor: Command = {
  name: 'doctor',
  summary: 'finds what is wrong with this machine or the settings; exit code 1 if anything is',
  flags: [
    DATA_HELP,
    ['--port-offset N', 'where the platform would run (default 0)'],
    ['--json', 'as JSON: [{name, verdict, says, remedy}]'],
  ],
  run: async (args) => {
    const flags = parseFlags('doctor', args, {
      data: DATA_FLAG,
      'port-offset': { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
    });
    const range = { min: 0, max: MAX_OFFSET };
    const portOffset = wholeNumber('port-offset', flags['port-offset'], range);
    const findings = await examine({ dataDir: flags.data, portOffset });
    console.log(flags.json ? JSON.stringify(findings, undefined, 2) : screen(findings));
    return findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
  },
};

const MARKS: Readonly<Record<Finding['verdict'], string>> = {
  fine: 'ok   ',
  doubtful: 'hm   ',
  wrong: 'WRONG',
};

function screen(findings: readonly Finding[]): string {
  const wrong = findings.filter(({ verdict }) => verdict === 'wrong').length;
  const doubtful = findings.filter(({ verdict }) => verdict === 'doubtful').length;
  return [...findings.flatMap(linesOf), '', lastLine(wrong, doubtful)].join('\n');
}

function linesOf({ name, verdict, says, remedy }: Finding): readonly string[] {
  const first = `  ${MARKS[verdict]}  ${name.padEnd(12)} ${says}`;
  return remedy === undefined ? [first] : [first, `                      → ${remedy}`];
}

function lastLine(wrong: number, doubtful: number): string {
  if (wrong > 0) return `${wrong} wrong. Do what the arrows say, and ask again.`;
  return doubtful > 0
    ? 'Nothing is wrong; look at what is doubtful.'
    : 'Nothing is wrong. "gatehouse up" starts the platform.';
}
