import type { AccessRule } from '@gatehouse/contracts';

/** A method that can be reached at the edge. */
export interface Route {
  readonly verb: string;
  readonly path: string;
  readonly method: string;
  readonly service: string;
  readonly upstream: readonly string[];
  /** Of a route to a service that is not ours; empty: any host. */
  readonly hosts?: readonly string[];
  readonly rule: AccessRule;
}
