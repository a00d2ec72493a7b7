import { type Call, traceIds } from '@gatehouse/chassis';
import type { Operator } from '../clients/manage.ts';

/** Who asks: by certificate. Operators come from inside, so that there is no client's address. */
export function operatorOf({ caller }: Call): Operator {
  return { actor: caller, origin: { address: '', traceId: traceIds().traceId ?? '' } };
}
