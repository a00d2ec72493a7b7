/** Checks, before anything is started, that every port is free, and if not, which process has it. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { PlatformError } from '../errors.ts';
import { identityOf, linkOf, type ProcessIdentity, pids } from './processes.ts';

export interface PortUse {
  readonly port: number;
  /** Who needs it: `'gateway (http)'`. */
  readonly neededBy: string;
}

/**
 * @throws PlatformError naming each taken port, what needs it, what has it where that can be read, and
 *   the remedy.
 */
export async function assertPortsFree(uses: readonly PortUse[]): Promise<void> {
  const taken = await takenPorts(uses);
  if (taken.length === 0) return;
  const lines = taken.map(
    ({ port, neededBy, owner }) => `Port ${port}, needed by ${neededBy}, is in use by ${owner}.`,
  );
  throw new PlatformError(
    lines.join('\n'),
    'Stop that process, or move every port of Gatehouse: --port-offset 1000.',
  );
}

/** A port in use. */
export interface TakenPort extends PortUse {
  /** Who has it, in words. */
  readonly owner: string;
}

/** Those that are not free. */
export async function takenPorts(uses: readonly PortUse[]): Promise<readonly TakenPort[]> {
  const free = await Promise.all(uses.map(({ port }) => isFree(port)));
  return uses
    .filter((_, index) => free[index] === false)
    .map((use) => ({ ...use, owner: ownerOf(use.port) }));
}

/**
 * The process that has a port, as a listener or as its end of a connection, when this process may see
 * it. Linux only.
 */
export function holderOf(port: number): ProcessIdentity | undefined {
  if (process.platform !== 'linux') return undefined;
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => inodesAt(table, port)));
  if (inodes.size === 0) return undefined;
  const pid = pids().find((candidate) => hasSocket(candidate, inodes));
  return pid === undefined ? undefined : identityOf(pid);
}

function ownerOf(port: number): string {
  const owner = holderOf(port);
  if (owner === undefined) return 'a process that this user may not see';
  const command = owner.command.length > 100 ? `${owner.command.slice(0, 100)}…` : owner.command;
  return `pid ${owner.pid} (${command})`;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)));
  });
}

function inodesAt(table: string, port: number): readonly string[] {
  const hexPort = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return linesOf(`/proc/net/${table}`).flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [local, inode] = [fields[1], fields[9]];
    return local?.endsWith(hexPort) && inode !== undefined ? [inode] : [];
  });
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function hasSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const socket = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`) ?? '');
      return socket?.[1] !== undefined && inodes.has(socket[1]);
    });
  } catch {
    return false; // gone, or another user's
  }
}
