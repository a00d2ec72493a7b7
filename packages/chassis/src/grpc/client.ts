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
import { commonErrors, GatehouseError } from '@gatehouse/errors';
import { Client, connectivityState, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { markFailed } from '../telemetry/spans.ts';
import type { TlsFiles } from '../tls/tls-files.ts';
import type { CallOptions, ServiceClient } from './client-types.ts';
import { MutualTlsChannelCredentials } from './credentials.ts';
import { PASSPORT_METADATA } from './pipeline.ts';
import { metadataCarrier } from './propagation.ts';
import { decodeStatus, STATUS_TRAILER } from './status.ts';

/** How long a unary call may take, unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 5_000;

const CHANNEL_OPTIONS = {
  'grpc.enable_channelz': 0,
  // A service that was restarted is found again within a second or two.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // A peer that vanished without a word is noticed, also by a stream that only listens.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/** How a client is made. */
export interface ClientOptions {
  /** `host:port` of each copy. */
  readonly addresses: readonly string[];
  /** The workload that must answer. */
  readonly serverSpiffeId: string;
  readonly tls: TlsFiles;
  readonly tracer: Tracer;
}

/** The connections to the copies of one service. Clients of several contracts may share them. */
export interface Upstream {
  /** The next copy in turn that is not known to be away. */
  readonly pick: () => Client;
  readonly tracer: Tracer;
  close(): void;
}

/** Opens nothing yet: a copy is connected to when it is first called. */
export function createUpstream(options: ClientOptions): Upstream {
  const credentials = new MutualTlsChannelCredentials(options.tls, options.serverSpiffeId);
  const copies = options.addresses.map(
    (address) => new Client(address, credentials, CHANNEL_OPTIONS),
  );
  let turn = 0;
  return {
    tracer: options.tracer,
    pick: () => {
      turn += 1;
      const inTurn = copies.map((_, index) => copies[(turn + index) % copies.length]);
      const copy = inTurn.find((candidate) => candidate !== undefined && isThere(candidate));
      const chosen = copy ?? inTurn[0];
      if (chosen === undefined) throw commonErrors.UNAVAILABLE();
      return chosen;
    },
    close: () => {
      for (const copy of copies) copy.close();
    },
  };
}

function isThere(copy: Client): boolean {
  return copy.getChannel().getConnectivityState(false) !== connectivityState.TRANSIENT_FAILURE;
}

/**
 * A typed client of one contract.
 *
 * A failed call throws GatehouseError: with the code and message that the server gave, or
 * `common.unavailable`, `common.deadline`, `common.cancelled`, `common.internal`. Nothing is
 * repeated.
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
        return callUnary(begin(method, upstream, request), { ...options, timeoutMs });
      };
    case 'server_streaming':
      return (request: Init, options: CallOptions = {}) =>
        callStream(() => begin(method, upstream, request), options);
    default:
      throw new Error(`${method.toString()} is ${method.methodKind}, which no client calls`);
  }
}

interface Begun {
  readonly method: DescMethod;
  readonly path: string;
  readonly client: Client;
  readonly body: Buffer;
  readonly span: Span;
  readonly within: Context;
}

function begin(method: DescMethod, upstream: Upstream, request: Init): Begun {
  const id = `${method.parent.typeName}/${method.name}`;
  const client = upstream.pick();
  const body = Buffer.from(toBinary(method.input, create(method.input, request)));
  const span = upstream.tracer.startSpan(id, {
    kind: SpanKind.CLIENT,
    attributes: { 'rpc.system.name': 'grpc', 'rpc.method': id },
  });
  return {
    method,
    path: `/${id}`,
    client,
    body,
    span,
    within: trace.setSpan(context.active(), span),
  };
}

async function callUnary(begun: Begun, options: CallOptions): Promise<Message> {
  const { method, path, client, body, span } = begun;
  try {
    options.signal?.throwIfAborted();
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        path,
        asIs,
        asIs,
        body,
        metadataFor(begun, options),
        deadlineFor(options),
        (error, value) => {
          options.signal?.removeEventListener('abort', cancel);
          if (value === undefined) reject(error ?? new Error('the answer is empty'));
          else resolve(value);
        },
      );
      const cancel = (): void => call.cancel();
      options.signal?.addEventListener('abort', cancel, { once: true });
    });
    return fromBinary(method.output, answer);
  } catch (thrown) {
    throw failed(span, thrown, options.signal);
  } finally {
    span.end();
  }
}

async function* callStream(beginNow: () => Begun, options: CallOptions): AsyncGenerator<Message> {
  const begun = beginNow();
  const { method, path, client, body, span } = begun;
  const call = client.makeServerStreamRequest(
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
  try {
    for await (const bytes of call as AsyncIterable<Buffer>) {
      yield fromBinary(method.output, bytes);
    }
  } catch (thrown) {
    throw failed(span, thrown, options.signal);
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    call.cancel();
    span.end();
  }
}

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
