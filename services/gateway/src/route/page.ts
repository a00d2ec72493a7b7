/** What a page of the edge's own is: no token, no query and no body change it. */
import type { EdgeResponse } from '../receive/seam.ts';

/** What a page is asked with. */
export interface PageRequest {
  /** Of the path, decoded. */
  readonly segments: readonly string[];
  /** As sent, and well-formed. Absent in HTTP/1.0 only. */
  readonly host: string | undefined;
  /** The client's own address. */
  readonly address: string;
  /** True when a proxy says that it stands between. */
  readonly throughProxy: boolean;
}

/** A resource of the edge's own, read with GET and HEAD. */
export interface Page {
  /** `/traces/{trace_id}`: literal segments and whole-segment variables. */
  readonly route: string;
  /** @throws GatehouseError as any stage does; it becomes a problem. */
  respond(request: PageRequest): Promise<EdgeResponse> | EdgeResponse;
}
