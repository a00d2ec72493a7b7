/** A service in the process of its test, on free ports, with a certificate of the test authority. */
import type { DescService } from '@bufbuild/protobuf';
import {
  type Handlers,
  type Implementation,
  implement,
  type RunningService,
  type StartOptions,
  startService,
} from '@gatehouse/chassis';
import type { TestAuthority } from '../authority.ts';

export interface TestServiceOptions extends Omit<StartOptions, 'env' | 'logTo'> {
  readonly authority: TestAuthority;
  /** Settings beside those that every service needs. */
  readonly env?: StartOptions['env'] | undefined;
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
  const { authority, env, ...rest } = options;
  const tlsFolder = await authority.folderFor(options.name);
  const logLines: string[] = [];
  const running = await startService({
    ...rest,
    env: {
      GATEHOUSE_TRUST_DOMAIN: authority.trustDomain,
      GATEHOUSE_TLS_DIR: tlsFolder,
      GATEHOUSE_GRPC_PORT: '0',
      GATEHOUSE_ADMIN_PORT: '0',
      GATEHOUSE_LOG_LEVEL: 'debug',
      ...env,
    },
    logTo: { write: (line: string) => void logLines.push(line) },
  });
  const adminUrl = `http://127.0.0.1:${running.adminPort}`;
  return { ...running, logLines, tlsFolder, adminUrl };
}

/** Binds a contract to some functions; a method that has none fails as an unexpected error does. */
export function implementPartly<S extends DescService>(
  service: S,
  handlers: Partial<Handlers<S>>,
): Implementation {
  const missing = service.methods.map(({ localName }) => [
    localName,
    () => {
      throw new Error(`${localName} is not part of this test`);
    },
  ]);
  // Every method has a function now, whichever the test gave.
  return implement(service, { ...Object.fromEntries(missing), ...handlers } as Handlers<S>);
}
