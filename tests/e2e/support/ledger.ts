/**
 * The secrets of a run, written down as tests come by them, so that a scan at the end can look for
 * each. The file lies outside everything that is scanned.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { target } from './config.ts';

export type SecretKind =
  | 'password'
  | 'access token'
  | 'refresh token'
  | 'passport'
  | 'key'
  | 'client secret'
  | 'service token';

export interface Secret {
  readonly kind: SecretKind;
  readonly value: string;
}

/** Writes down a secret and hands it back. Whole lines, so that test processes can write at once. */
export function remember(kind: SecretKind, value: string): string {
  appendFileSync(target().ledgerFile, `${JSON.stringify({ kind, value })}\n`, { mode: 0o600 });
  return value;
}

/** Every secret written down so far, each once. */
export function rememberedSecrets(): readonly Secret[] {
  const lines = new Set(readFileSync(target().ledgerFile, 'utf8').trimEnd().split('\n'));
  return [...lines].filter((line) => line !== '').map((line) => JSON.parse(line) as Secret);
}
