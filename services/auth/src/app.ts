/** Auth put together: the one place that knows every part, in `compose/` one file for each. */
import { runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import { buildSignUp } from './accounts/compose.ts';
import { authService } from './accounts/grpc.ts';
import { localGate } from './changes/local-gate.ts';
import { operatorService } from './clients/grpc.ts';
import { buildCases } from './compose/cases.ts';
import { buildListeners } from './compose/listeners.ts';
import { buildOperator } from './compose/operator.ts';
import { readAuthConfig } from './config.ts';
import { keepHouse } from './housekeeping/compose.ts';
import { openParts } from './keys/compose.ts';

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const config = readAuthConfig(context.env);
  const parts = await openParts(context, config);
  const signUp = buildSignUp(context, config, parts);
  keepHouse(context, parts, signUp);
  const passports = localGate(context, parts);
  return {
    implementations: [
      authService(buildCases(context, config, { ...parts, signUp })),
      operatorService(buildOperator(context, parts)),
    ],
    passports,
    listeners: buildListeners(context, config, { ...parts, passports }),
  };
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: 'auth', build });
