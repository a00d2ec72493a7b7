import { examine, type Finding } from '@gatehouse/platform';
import { counted, jsonOf } from '../terminal/text.ts';
import type { DataFlags, JsonFlags, PortOffsetFlags } from './flags.ts';

export async function doctor(flags: DataFlags & JsonFlags & PortOffsetFlags): Promise<number> {
  const findings = await examine({ dataDir: flags.data, portOffset: flags.portOffset });
  console.log(flags.json ? jsonOf(findings) : screen(findings));
  return findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
}

const MARKS: Readonly<Record<Finding['verdict'], string>> = {
  fine: 'ok     ',
  doubtful: 'warning',
  wrong: 'ERROR  ',
};

function screen(findings: readonly Finding[]): string {
  const count = (verdict: Finding['verdict']) =>
    findings.filter((finding) => finding.verdict === verdict).length;
  return [...findings.flatMap(linesOf), '', lastLine(count('wrong'), count('doubtful'))].join('\n');
}

function linesOf({ name, verdict, says, remedy }: Finding): readonly string[] {
  const first = `  ${MARKS[verdict]}  ${name.padEnd(12)} ${says}`;
  return remedy === undefined ? [first] : [first, `                        → ${remedy}`];
}

function lastLine(errors: number, warnings: number): string {
  if (errors > 0)
    return `${counted(errors, 'error')}. Do what the arrows say, and run doctor again.`;
  return warnings > 0
    ? `No errors, ${counted(warnings, 'warning')}.`
    : 'No errors. "gatehouse up" starts the platform.';
}
