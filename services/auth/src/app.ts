/** Auth put together: the one place that knows every part, in `compose/` one file for each. */
import { runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import { buildCases } from './compose/cases.ts';
import { localGate } from './compose/gate.ts';
import { keepHouse } from './compose/housekeeping.ts';
import { buildListeners } from './compose/listeners.ts';
import { buildOperator } from './compose/operator.ts';
import { openParts } from './compose/parts.ts';
import { buildSignUp } from './compose/sign-up.ts';
import { readAuthConfig } from './config.ts';
import { authService } from './transport/auth-service.ts';
import { operatorService } from './transport/operator-service.ts';

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
