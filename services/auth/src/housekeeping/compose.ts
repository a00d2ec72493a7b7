import type { ServiceContext } from '@gatehouse/chassis';
import { untraced } from '@gatehouse/postgres';
import type { SignUp } from '../accounts/sign-up.ts';
import type { Parts } from '../keys/compose.ts';
import { createHousekeeping } from './housekeeping.ts';
import { repeat } from './timer.ts';

/** Also how long a sealed successor may outlive its grace. */
const HOUSEKEEPING_PAUSE_MS = 10_000;

export function keepHouse(context: ServiceContext, parts: Parts, signUp: SignUp): void {
  const round = createHousekeeping({
    ...parts,
    closeGivenUpSignUps: signUp.closeGivenUp,
    reloadKeys: () => parts.passportKeys.reload(),
    rotateKeysDue: () => parts.rotation.rotateDue(),
  });
  const stop = repeat(() => untraced(round), {
    pauseMs: HOUSEKEEPING_PAUSE_MS,
    onError: (err) => context.log.warn({ err }, 'housekeeping was not finished'),
  });
  context.onClose(stop);
}
