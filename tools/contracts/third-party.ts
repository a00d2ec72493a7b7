/**
 * The field rules of protovalidate as a .proto file. They are published as a Maven artifact, not
 * on npm, and are never copied into the tree.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT, run } from '../checks/command.ts';
import { mavenTrustOptions } from './java-trust.ts';
import { readZipEntry } from './zip.ts';

const VERSION = '1.1.0';
const JAR_SHA256 = '79e1b7098e13a9498afe0943e27ebb51b756e95afd7ab5d764b68c3add6bf389';
const ENTRY = 'buf/validate/validate.proto';
const FOLDER = join(ROOT, '.cache/protovalidate');
const JAR = join(FOLDER, `protovalidate-${VERSION}.jar`);

let pending: Promise<void> | undefined;

/**
 * Puts protovalidate's contract where buf.yaml looks for it: `.cache/protovalidate`. Fetched once
 * by Maven, and held to its hash each time.
 *
 * @throws Error saying what to install when Maven is missing, or that the artifact is not the one
 *   that is pinned.
 */
export async function provideThirdPartyContracts(): Promise<void> {
  pending ??= provide();
  await pending;
}

async function provide(): Promise<void> {
  if (!existsSync(JAR)) await fetchJar();
  const jar = await readFile(JAR);
  const sha256 = createHash('sha256').update(jar).digest('hex');
  if (sha256 !== JAR_SHA256) {
    throw new Error(`${JAR} has sha256 ${sha256}, not the pinned ${JAR_SHA256}. Delete it.`);
  }
  const target = join(FOLDER, ENTRY);
  const contract = readZipEntry(jar, ENTRY);
  if (existsSync(target) && contract.equals(await readFile(target))) return;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, contract);
}

async function fetchJar(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const artifact = `build.buf:protovalidate:${VERSION}`;
  const args = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`];
  const trust = await mavenTrustOptions(join(FOLDER, 'roots.jks'));
  const result = await run('mvn', [...args, `-DoutputDirectory=${FOLDER}`], {
    // Outside any Java project, or Maven would look for one.
    cwd: FOLDER,
    env: trust === '' ? {} : { MAVEN_OPTS: `${process.env.MAVEN_OPTS ?? ''} ${trust}` },
  });
  if (result.exitCode === 127) {
    throw new Error(
      `Maven is needed once, to fetch ${artifact} from Maven Central, and \`mvn\` is not here. ` +
        'On Debian: apt-get install maven. (.ci/run does it.)',
    );
  }
  if (result.exitCode !== 0 || !existsSync(JAR)) {
    throw new Error(`Maven could not fetch ${artifact}:\n${result.stdout}${result.stderr}`);
  }
}
