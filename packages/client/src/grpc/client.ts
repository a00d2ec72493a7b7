/** Typed clients of other services: mutual TLS to exactly one workload, deadline, spans, errors. */
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { isSafe } from '@gatehouse/contracts';
import { commonErrors, GatehouseError } from '@gatehouse/errors';
import { type Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type Context, context, propagation, type Span, SpanKind, trace } from '@opentelemetry/api';
import { mayAskAnother, outcomeOf } from '../balance/blame.ts';
import type { Outcome } from '../balance/rotation.ts';
import { markFailed } from '../span.ts';
import type { CallOptions, ServiceClient } from './client-types.ts';
import { PASSPORT_METADATA } from './names.ts';
import { metadataCarrier } from './propagation.ts';
import { decodeStatus, STATUS_TRAILER } from './status.ts';
import type { Upstream } from './upstream.ts';

/** How long a unary call may take, unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 5_000;
/** How often a safe call whose copy was lost or unavailable is given to another. */
const MAX_SAFE_REPEATS = 1;

/**
 * A typed client of one contract.
 *
 * A failed call throws GatehouseError: with the code and message that the server gave, or
 * `common.unavailable`, `common.deadline`, `common.cancelled`, `common.internal`. A unary call goes to
 * another copy when it was not begun, or, once, when it is safe and its copy was lost or unavailable.
 * Nothing else is repeated.
 */
export function createServiceClient<S extends DescService>(
  service: S,
  upstream: Upstream,
): ServiceClient<S> {
  const methods: Record<string, unknown> = {};
  for (const method of service.methods) methods[method.localName] = functionFor(method, upstream);
  // The loop makes a function per method of the descriptor, which is what the type says.
  return methods as ServiceClient<S>;
}

type Init = MessageInitShape<DescMessage>;

function functionFor(method: DescMethod, upstream: Upstream): unknown {
  switch (method.methodKind) {
    case 'unary':
      return async (request: Init, options: CallOptions = {}) => {
        const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
        return callUnary(begin(method, upstream, request), upstream, { ...options, timeoutMs });
      };
    case 'server_streaming':
      return (request: Init, options: CallOptions = {}) =>
        callStream(() => begin(method, upstream, request), upstream, options);
    default:
      throw new Error(`${method.toString()} is ${method.methodKind}, which no client calls`);
  }
}

interface Begun {
  readonly method: DescMethod;
  readonly path: string;
  readonly body: Buffer;
  readonly span: Span;
  readonly within: Context;
}

function begin(method: DescMethod, upstream: Upstream, request: Init): Begun {
  const id = `${method.parent.typeName}/${method.name}`;
  const body = Buffer.from(toBinary(method.input, create(method.input, request)));
  const span = upstream.tracer.startSpan(id, {
    kind: SpanKind.CLIENT,
    attributes: { 'rpc.system.name': 'grpc', 'rpc.method': id },
  });
  return { method, path: `/${id}`, body, span, within: trace.setSpan(context.active(), span) };
}

interface UnaryOptions extends CallOptions {
  readonly timeoutMs: number;
}

async function callUnary(
  begun: Begun,
  upstream: Upstream,
  options: UnaryOptions,
): Promise<Message> {
  const deadlineMs = Date.now() + options.timeoutMs;
  try {
    options.signal?.throwIfAborted();
    const answer = await askOneAfterAnother(begun, upstream, { ...options, deadlineMs });
    return fromBinary(begun.method.output, answer);
  } catch (thrown) {
    throw failed(begun.span, thrown, options.signal);
  } finally {
    begun.span.end();
  }
}

interface UnaryCall extends CallOptions {
  readonly deadlineMs: number;
}

async function askOneAfterAnother(
  begun: Begun,
  upstream: Upstream,
  call: UnaryCall,
): Promise<Buffer> {
  const tried = new Set<Client>();
  let repeats = isSafe(begun.method) ? MAX_SAFE_REPEATS : 0;
  let fault: GatehouseError | undefined;
  for (;;) {
    const turn = await upstream.next({ tried, untilMs: call.deadlineMs });
    if (turn === undefined) throw fault ?? commonErrors.UNAVAILABLE();
    try {
      const answer = await askOne(turn.copy, begun, call);
      turn.settle('good');
      return answer;
    } catch (thrown) {
      fault = call.signal?.aborted === true ? commonErrors.CANCELLED() : errorOf(thrown);
      turn.settle(outcomeOf(fault));
      tried.add(turn.copy);
      const another = mayAskAnother(fault);
      if (another === 'if safe') repeats -= 1;
      if (another === 'never' || repeats < 0) throw fault;
    }
  }
}

function askOne(client: Client, begun: Begun, options: UnaryCall): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(
      begun.path,
      asIs,
      asIs,
      begun.body,
      metadataFor(begun, options),
      { deadline: options.deadlineMs },
      (error, value) => {
        options.signal?.removeEventListener('abort', cancel);
        if (value === undefined) reject(error ?? new Error('the answer is empty'));
        else resolve(value);
      },
    );
    const cancel = (): void => call.cancel();
    options.signal?.addEventListener('abort', cancel, { once: true });
    if (options.signal?.aborted === true) cancel();
  });
}

async function* callStream(
  beginNow: () => Begun,
  upstream: Upstream,
  options: CallOptions,
): AsyncGenerator<Message> {
  const begun = beginNow();
  const { method, path, body, span } = begun;
  const untilMs = Date.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const turn = await upstream.next({ tried: NOBODY, untilMs });
  if (turn === undefined) throw failed(span, commonErrors.UNAVAILABLE(), options.signal);
  const call = turn.copy.makeServerStreamRequest(
    path,
    asIs,
    asIs,
    body,
    metadataFor(begun, options),
    deadlineFor(options),
  );
  // Cancelling makes a last error event, after those who listened have gone.
  call.on('error', () => undefined);
  const cancel = (): void => call.cancel();
  options.signal?.addEventListener('abort', cancel, { once: true });
  if (options.signal?.aborted === true) cancel();
  let outcome: Outcome = 'good';
  try {
    for await (const bytes of call as AsyncIterable<Buffer>) {
      yield fromBinary(method.output, bytes);
    }
  } catch (thrown) {
    const error = failed(span, thrown, options.signal);
    outcome = outcomeOf(error);
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    call.cancel();
    turn.settle(outcome);
    span.end();
  }
}

const NOBODY: ReadonlySet<Client> = new Set();

const asIs = (bytes: Buffer): Buffer => bytes;

function metadataFor({ within }: Begun, { passport }: CallOptions): Metadata {
  const metadata = new Metadata();
  propagation.inject(within, metadata, metadataCarrier);
  if (passport !== undefined) metadata.set(PASSPORT_METADATA, passport);
  return metadata;
}

function deadlineFor({ timeoutMs }: CallOptions): { deadline?: number } {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

function failed(span: Span, thrown: unknown, signal: AbortSignal | undefined): GatehouseError {
  const error = signal?.aborted === true ? commonErrors.CANCELLED() : errorOf(thrown);
  markFailed(span, error);
  return error;
}

function errorOf(thrown: unknown): GatehouseError {
  if (thrown instanceof GatehouseError) return thrown;
  if (!isServiceError(thrown)) return commonErrors.INTERNAL({ cause: thrown });
  const [details] = thrown.metadata.get(STATUS_TRAILER);
  return decodeStatus(Buffer.isBuffer(details) ? details : undefined, {
    grpcCode: thrown.code,
    message: thrown.details,
  });
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'metadata' in thrown && thrown.metadata instanceof Metadata;
}
