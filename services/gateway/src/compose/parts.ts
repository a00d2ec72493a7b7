/** What the stages of the pipeline stand on, in their order. */
import type { DecideParts } from '../decide/authorise.ts';
import type { GatewayStages } from '../decide/stages.ts';
import type { GrpcBackend } from '../forward/grpc/call.ts';
import type { HttpBackend } from '../forward/http/proxy.ts';
import type { IdentifyParts } from '../identify/identify.ts';
import type { RequestLimit } from '../limit/request-limit.ts';
import type { RouteLimits } from '../limit/route-limits.ts';
import type { MintParts } from '../mint/mint.ts';
import type { Observer } from '../observe/observer.ts';
import type { TrustedProxies } from '../receive/client-address.ts';
import type { Cors } from '../receive/cors.ts';
import type { Router } from '../route/router.ts';

export interface PipelineParts {
  readonly observer: Observer;
  readonly proxies: TrustedProxies;
  readonly cors: Cors;
  readonly limit: RequestLimit;
  readonly router: Router;
  readonly routeLimits: RouteLimits;
  readonly identifying: IdentifyParts;
  readonly stages: GatewayStages;
  readonly deciding: DecideParts;
  readonly minting: MintParts;
  readonly grpc: GrpcBackend;
  readonly http: HttpBackend;
}
