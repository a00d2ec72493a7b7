import { reportOn } from '@gatehouse/platform';
import { table } from '../terminal/text.ts';
import { parseToken, rowsOf, type TokenParts } from '../token/describe.ts';
import { readToken } from '../token/read.ts';
import { verify } from '../token/verify.ts';
import { UsageError } from '../usage.ts';
import type { DataFlags } from './flags.ts';

export async function inspectToken(word: string | undefined, flags: DataFlags): Promise<number> {
  const compact = await readToken(word ?? '-', '"token inspect" takes');
  const parts = parseToken(compact);
  if (parts === undefined) {
    throw new UsageError('This is not a token: header and claims are not JSON in base64url.');
  }
  const { isRejected, text } = await verdictOn(flags.data, compact, parts);
  console.log(screen(parts, text));
  return isRejected ? 1 : 0;
}

async function verdictOn(
  dataDir: string,
  compact: string,
  parts: TokenParts,
): Promise<{ readonly isRejected: boolean; readonly text: string }> {
  const report = await reportOn(dataDir);
  if (report === undefined) {
    return { isRejected: false, text: 'not verified: no platform runs here (gatehouse up)' };
  }
  try {
    const { isValid, detail } = await verify(report, compact, parts);
    return { isRejected: !isValid, text: `${isValid ? 'valid' : 'INVALID'}: ${detail}` };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { isRejected: false, text: `not verified: ${why}` };
  }
}

const KINDS: Readonly<Record<TokenParts['kind'], string>> = {
  'access token': 'of a person, for the gateway; services reject it',
  'service token': 'of a workload, for internal calls over plain HTTP',
  passport: 'for one internal request; the gateway rejects it from outside',
  'unknown token': 'not of a kind that Gatehouse issues',
};

function screen(parts: TokenParts, verdict: string): string {
  const { kind, header, claims } = parts;
  const head = Object.entries(header).map(([name, value]) => `${name} ${String(value)}`);
  return [
    `${kind}: ${KINDS[kind]}`,
    `  ${verdict}`,
    '',
    `  header  ${head.join(', ')}`,
    '',
    ...table(['claim', 'meaning', 'value'], rowsOf(claims, Date.now())),
  ].join('\n');
}
