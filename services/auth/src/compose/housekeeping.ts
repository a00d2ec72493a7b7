import type { ServiceContext } from '@gatehouse/chassis';
import { untraced } from '@gatehouse/postgres';
import { repeat } from '../adapters/timer.ts';
import { createHousekeeping } from '../application/housekeeping.ts';
import type { SignUp } from '../application/sign-up.ts';
import type { Parts } from './parts.ts';

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
