/** Who makes a call by gRPC, and from where. */
import { type Call, traceIds } from '@gatehouse/chassis';
import type { Operator, Origin } from './base.ts';

/** Where a person's request came from. */
export function originOf({ passport }: Call): Origin {
  return {
    address: passport?.rctx.addr ?? '',
    traceId: traceIds().traceId ?? '',
    ...(passport === undefined ? {} : { txn: passport.txn }),
  };
}

/** Who asks: by certificate. Operators come from inside, so that there is no client's address. */
export function operatorOf({ caller }: Call): Operator {
  return { actor: caller, origin: { address: '', traceId: traceIds().traceId ?? '' } };
}
