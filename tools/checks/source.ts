import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type Verdict } from './command.ts';
import { typeScriptFiles } from './files.ts';
import { looseFindings } from './loose-files.ts';
import { PORTS } from './port-list.ts';
import { portFindings } from './ports.ts';
import { findingsOf } from './source-rules.ts';

/** Every file of ours by the rules of source-rules.ts. */
export async function checkSource(): Promise<Verdict> {
  const files = typeScriptFiles();
  const findings = [
    ...files.flatMap((file) => findingsOf(file, readFileSync(join(ROOT, file), 'utf8'))),
    ...portFindings(PORTS, files),
    ...looseFindings(files),
  ];
  const output = findings
    .map(({ file, line, message }) => `${file}:${line}: ${message}`)
    .join('\n');
  return { ok: findings.length === 0 && files.length > 0, output, note: `${files.length} files` };
}
