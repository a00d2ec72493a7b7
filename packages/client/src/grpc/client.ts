/** Typed clients of other services: mutual TLS to exactly one workload, deadline, spans, errors. */
import type { DescService } from '@bufbuild/protobuf';
import { contractsOf, type MethodContract } from '@gatehouse/contracts';
import type { CallOptions, ServiceClient } from './client-types.ts';
import { type Init, plannedMethod } from './planned.ts';
import { callStream } from './stream.ts';
import { callUnary } from './unary.ts';
import type { Upstream } from './upstream.ts';

/**
 * Makes a typed client of one contract.
 *
 * @example
 * ```ts
 * import { createServiceClient, type Upstream } from '@gatehouse/client/grpc';
 * import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
 *
 * async function titleOf(upstream: Upstream, postId: string) {
 *   const board = createServiceClient(BoardService, upstream);
 *   const { title } = await board.getPost({ postId }, { timeoutMs: 1_000 });
 *   return title;
 * }
 * ```
 *
 * The passport, the deadline and the trace of the call that is being served go on by themselves. A method
 * whose rule asks for a passport is not called without one.
 *
 * A failed call throws GatehouseError: with the code and message that the server gave, or
 * `common.unavailable`, `common.deadline`, `common.cancelled`, `common.internal`, or one of `client`. A
 * unary call goes to another endpoint when it was not begun, or, once, when it is safe or has an idempotency
 * key and its endpoint was lost or unavailable. Nothing else is retried.
 *
 * @throws Error naming a method that has no rule, or whose kind of stream is not called (unary and server
 *   streaming are).
 */
export function createServiceClient<S extends DescService>(
  service: S,
  upstream: Upstream,
): ServiceClient<S> {
  const methods: Record<string, unknown> = {};
  for (const contract of contractsOf(service)) {
    methods[contract.desc.localName] = functionFor(contract, upstream);
  }
  // The loop makes a function per method of the descriptor, which is what the type says.
  return methods as ServiceClient<S>;
}

function functionFor(contract: MethodContract, upstream: Upstream): unknown {
  const method = plannedMethod(contract);
  switch (contract.desc.methodKind) {
    case 'unary':
      return async (request: Init, options: CallOptions = {}) =>
        await callUnary(method, upstream, { request, options });
    case 'server_streaming':
      return (request: Init, options: CallOptions = {}) =>
        callStream(method, upstream, { request, options });
    default:
      throw new Error(`${contract.id} is ${contract.desc.methodKind}, which no client calls`);
  }
}
