/** `@gatehouse/tokens/grpc`: a server interceptor for grpc-js. */
import type {
  Metadata,
  ServerInterceptingCall,
  ServerInterceptor,
  ServerListener,
} from '@grpc/grpc-js';
import { ANY_PRINCIPAL, type CheckedDemand, checkedDemand, type Demand } from './demand.ts';
import { type BearerAuthOptions, Guard } from './guard.ts';
import type { BearerClaims, Principal } from './principal.ts';
import type { Refusal } from './refusal.ts';

export type { Demand } from './demand.ts';
export type { BearerAuthOptions } from './guard.ts';
export type { BearerClaims, Principal } from './principal.ts';
export { type Problem, Refusal, type RefusalCode } from './refusal.ts';

/** Options of the interceptor. */
export interface GrpcBearerAuthOptions<C extends BearerClaims> extends BearerAuthOptions<C> {
  /** `import * as grpc from '@grpc/grpc-js'`: yours, so that this package needs none of its own. */
  readonly grpc: {
    readonly ServerInterceptingCall: typeof ServerInterceptingCall;
    readonly Metadata: typeof Metadata;
  };
  /** What some methods ask for beyond a good token, by path: `/board.v1.Board/CreatePost`. */
  readonly methods?: Readonly<Record<string, Demand<C>>>;
}

/** An interceptor that accepts calls with a valid token. */
export interface GrpcBearerAuth<C extends BearerClaims> extends ServerInterceptor {
  /**
   * For whom the call is made.
   *
   * @throws Error when the call has not passed this interceptor.
   */
  principal(call: { readonly metadata: Metadata }): Principal<C>;
}

// https://grpc.io/docs/guides/status-codes
const STATUS = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  503: 14, // UNAVAILABLE
} as const;
const INTERNAL = 13;

/**
 * Makes the interceptor: `new grpc.Server({ interceptors: [bearerAuth({ grpc, verifier })] })`.
 *
 * The token is read from the metadata `authorization`, and no message is looked at before it is
 * verified. No token and a bad one are answered UNAUTHENTICATED, a missing scope or role
 * PERMISSION_DENIED, and missing keys UNAVAILABLE with the trailer `grpc-retry-pushback-ms` (gRFC
 * A6). Every method of the server is guarded.
 *
 * Not checked: whether the token expires while a stream is open, and whether several `authorization`
 * were sent: Node's HTTP/2 shows the first and drops the others.
 *
 * @throws TypeError when a demand is empty or cannot be met by any token, or a path is none.
 */
export function bearerAuth<C extends BearerClaims>(
  options: GrpcBearerAuthOptions<C>,
): GrpcBearerAuth<C> {
  const guard = new Guard(options);
  const demands = demandsOf(options.methods ?? {});
  const { grpc } = options;
  const interceptor: ServerInterceptor = (method, call) => {
    const demand = demands.get(method.path) ?? ANY_PRINCIPAL;
    const listener: ServerListener = {
      onReceiveMetadata: (metadata, next) => {
        const authorization = () => metadata.get('authorization').map(String);
        guard.refuse({ key: metadata, authorization }, demand).then(
          (refusal) => {
            if (refusal === undefined) next(metadata);
            else call.sendStatus(statusOf(refusal, new grpc.Metadata()));
          },
          // A fault of ours: nothing of it is shown.
          () => call.sendStatus({ code: INTERNAL, details: 'internal error' }),
        );
      },
    };
    return new grpc.ServerInterceptingCall(call, { start: (next) => next(listener) });
  };
  return Object.assign(interceptor, {
    principal: ({ metadata }: { readonly metadata: Metadata }) => guard.principal(metadata),
  });
}

function demandsOf(
  methods: Readonly<Record<string, Parameters<typeof checkedDemand>[0]>>,
): ReadonlyMap<string, CheckedDemand> {
  const entries = Object.entries(methods);
  const bad = entries.find(([path]) => !/^\/[\w.]+\/\w+$/.test(path));
  // A path that is misspelt so badly would leave its method without its demand.
  if (bad !== undefined) throw new TypeError(`no path of a method: ${bad[0]}`);
  return new Map(entries.map(([path, demand]) => [path, checkedDemand(demand)]));
}

function statusOf(refusal: Refusal, metadata: Metadata) {
  const seconds = refusal.headers['retry-after'];
  if (seconds !== undefined) metadata.set('grpc-retry-pushback-ms', `${Number(seconds) * 1000}`);
  return { code: STATUS[refusal.statusCode], details: refusal.message, metadata };
}
