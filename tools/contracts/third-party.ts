/**
 * The field rules of protovalidate as a .proto file. They are published as a Maven artifact, not
 * on npm, and are never copied into the tree. Where Maven cannot fetch it, they are printed from their descriptor,
 * so that contracts can be changed on a machine that has npm alone.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { file_buf_validate_validate } from '@gatehouse/contracts/gen/buf/validate/validate_pb.ts';
import { ROOT, run } from '../checks/command.ts';
import { mavenTrustOptions } from './java-trust.ts';
import { protoSourceOf } from './proto-source.ts';
import { readZipEntry } from './zip.ts';

const VERSION = '1.1.0';
const JAR_SHA256 = '79e1b7098e13a9498afe0943e27ebb51b756e95afd7ab5d764b68c3add6bf389';
const ENTRY = 'buf/validate/validate.proto';
const FOLDER = join(ROOT, '.cache/protovalidate');
const JAR = join(FOLDER, `protovalidate-${VERSION}.jar`);

/**
 * Where protovalidate's contract came from: the published source, or printed from the descriptor in
 * the committed code, which is the same to whoever imports it but cannot generate that code again.
 */
export type Origin = 'published' | 'printed';

let pending: Promise<Origin> | undefined;

/**
 * Puts protovalidate's contract where buf.yaml looks for it: `.cache/protovalidate`. Fetched once
 * by Maven where that can be done, and held to its hash each time.
 *
 * @throws Error when the artifact is not the one that is pinned.
 */
export async function provideThirdPartyContracts(): Promise<Origin> {
  pending ??= provide();
  return await pending;
}

async function provide(): Promise<Origin> {
  if (!existsSync(JAR) && !(await fetchJar())) {
    await place(Buffer.from(protoSourceOf(file_buf_validate_validate.proto)));
    return 'printed';
  }
  const jar = await readFile(JAR);
  const sha256 = createHash('sha256').update(jar).digest('hex');
  if (sha256 !== JAR_SHA256) {
    throw new Error(`${JAR} has sha256 ${sha256}, not the pinned ${JAR_SHA256}. Delete it.`);
  }
  await place(readZipEntry(jar, ENTRY));
  return 'published';
}

async function place(contract: Buffer): Promise<void> {
  const target = join(FOLDER, ENTRY);
  if (existsSync(target) && contract.equals(await readFile(target))) return;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, contract);
}

/** @returns false where Maven is missing, or could not fetch it. */
async function fetchJar(): Promise<boolean> {
  await mkdir(FOLDER, { recursive: true });
  const artifact = `build.buf:protovalidate:${VERSION}`;
  const args = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`];
  const trust = await mavenTrustOptions(join(FOLDER, 'roots.jks'));
  const { exitCode } = await run('mvn', [...args, `-DoutputDirectory=${FOLDER}`], {
    // Outside any Java project, or Maven would look for one.
    cwd: FOLDER,
    env: trust === '' ? {} : { MAVEN_OPTS: `${process.env.MAVEN_OPTS ?? ''} ${trust}` },
  });
  return exitCode === 0 && existsSync(JAR);
}
