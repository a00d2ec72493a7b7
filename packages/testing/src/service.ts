/** A service in the process of its test, on free ports, with a certificate of the test authority. */
import { type RunningService, type StartOptions, startService } from '@gatehouse/chassis';
import type { TestAuthority } from './authority.ts';

export interface TestServiceOptions extends Pick<StartOptions, 'name' | 'build'> {
  readonly authority: TestAuthority;
  /** Settings beside those that every service needs. */
  readonly env?: StartOptions['env'];
  readonly clock?: StartOptions['clock'];
  readonly spanProcessors?: StartOptions['spanProcessors'];
}

export interface TestService extends RunningService {
  /** What it has logged so far, one JSON text per line. */
  readonly logLines: readonly string[];
  /** Where its certificate lies. */
  readonly tlsFolder: string;
  /** `http://127.0.0.1:<port>` */
  readonly adminUrl: string;
}

/** Starts a service; close it in the test's `after`. */
export async function startTestService(options: TestServiceOptions): Promise<TestService> {
  const { authority, env, name, build, clock, spanProcessors } = options;
  const tlsFolder = await authority.folderFor(name);
  const logLines: string[] = [];
  const running = await startService({
    name,
    build,
    env: {
      GATEHOUSE_TRUST_DOMAIN: authority.trustDomain,
      GATEHOUSE_TLS_DIR: tlsFolder,
      GATEHOUSE_GRPC_PORT: '0',
      GATEHOUSE_ADMIN_PORT: '0',
      GATEHOUSE_LOG_LEVEL: 'debug',
      ...env,
    },
    logTo: { write: (line: string) => void logLines.push(line) },
    ...(clock === undefined ? {} : { clock }),
    ...(spanProcessors === undefined ? {} : { spanProcessors }),
  });
  const adminUrl = `http://127.0.0.1:${running.adminPort}`;
  return { ...running, logLines, tlsFolder, adminUrl };
}
