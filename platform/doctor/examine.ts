/** All checks of the doctor, in the order in which one depends on the other. */
import { resolve } from 'node:path';
import { layoutOf } from '../layout.ts';
import { reportOn } from '../supervisor/status.ts';
import { systemTiming } from '../timing.ts';
import type { Finding } from './finding.ts';
import { checkClock, checkFolder, checkLeftovers } from './folder.ts';
import {
  checkDisk,
  checkEmbeddedPostgres,
  checkInstall,
  checkMemory,
  checkNode,
} from './machine.ts';
import { checkOwnDatabase, checkParts, checkPorts } from './running.ts';

/**
 * Checks the machine, the clone, the data folder, and the platform that runs on it, if any. Changes
 * nothing, and connects to nothing outside this machine but the server of DATABASE_URL.
 */
export async function examine(at: {
  readonly dataDir: string;
  readonly portOffset: number;
}): Promise<readonly Finding[]> {
  const layout = layoutOf(resolve(at.dataDir));
  const report = await reportOn(layout.dataDir);
  const findings = [
    checkNode(process.versions.node),
    checkInstall(),
    await checkEmbeddedPostgres(),
    await checkOwnDatabase(),
    await checkDisk(layout.dataDir),
    checkMemory(),
    await checkClock(layout, systemTiming.nowMs()),
    await checkFolder(layout),
    await checkLeftovers(layout),
    await checkPorts(report, at.portOffset),
    ...(await checkParts(layout.dataDir)),
  ];
  return findings.filter((finding) => finding !== undefined);
}
