#!/usr/bin/env node
// The command, for any Node from 20 on. The platform itself runs on the Node that the lock file names,
// so this finds that one and becomes it, or where Node has no execve, starts it and stands in for it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MIN_NODE = [24, 7];
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const node = findNode();
if (node === undefined) {
  console.error(
    `Gatehouse needs Node ${MIN_NODE.join('.')} or newer, and this is ${process.versions.node}.\n` +
      '  Run "npm ci" in the clone, which brings one along; or install a newer Node.',
  );
  process.exit(1);
}
const args = [at('../src/main.ts'), ...process.argv.slice(2)];
if (node === process.execPath) {
  process.argv = [node, ...args];
  await import('../src/main.ts');
} else if (typeof process.execve === 'function' && process.platform !== 'win32') {
  process.execve(node, [node, ...args]);
} else {
  standInFor(node, args);
}

function findNode() {
  const locked = at(`../../../node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(locked)) return locked;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return enough ? process.execPath : undefined;
}

// The channel tells the platform when this process is killed; without it, it would be left alone.
function standInFor(program, programArgs) {
  const child = spawn(program, programArgs, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.once('error', (error) => {
    console.error(`${program} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
