/** Whether files that the file names can be used. Nothing of a key is ever said. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What reading needs to know of files that the file names. */
export interface ReadingFiles {
  /** From the folder of the file. */
  resolve(path: string): string;
  /** Why a PEM file cannot be used; undefined where it can. */
  pemFault(path: string, kind: 'certificate' | 'key'): string | undefined;
  /** Why a file is no key set (JWKS); undefined where it is one. */
  keySetFault(path: string): string | undefined;
}

/** @param folder - of the file; relative paths begin there. */
export function filesBeside(folder: string): ReadingFiles {
  return { resolve: (path) => resolve(folder, path), pemFault, keySetFault };
}

function pemFault(path: string, kind: 'certificate' | 'key'): string | undefined {
  const pem = readOrFault(path);
  if (typeof pem === 'string') return pem;
  try {
    if (kind === 'key') createPrivateKey(pem);
    else new X509Certificate(pem);
    return undefined;
  } catch {
    return `${path} holds no ${kind === 'key' ? 'private key without a passphrase' : kind} (PEM).`;
  }
}

function readOrFault(path: string): Buffer | string {
  try {
    return readFileSync(path);
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
    if (code === 'ENOENT') return `There is no file ${path}.`;
    return code === 'EACCES' ? `${path} cannot be read by this user.` : `${path} cannot be read.`;
  }
}

function keySetFault(path: string): string | undefined {
  const text = readOrFault(path);
  if (typeof text === 'string') return text;
  try {
    const { keys } = Object(JSON.parse(text.toString('utf8')));
    return Array.isArray(keys) && keys.length > 0
      ? undefined
      : `${path} is a key set without keys.`;
  } catch {
    return `${path} is not a key set: {"keys": […]} as JSON.`;
  }
}
