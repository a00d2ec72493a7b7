/** Runs one call inside its span: admission, handler, response; errors become ours, once. */
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { withFlow } from '@gatehouse/client';
import { metadataCarrier } from '@gatehouse/client/grpc';
import { GatehouseError, toGatehouseError } from '@gatehouse/errors';
import {
  context,
  type Histogram,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type UpDownCounter,
} from '@opentelemetry/api';
import type { Logger } from 'pino';
import { reportFailure } from '../telemetry/report-failure.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { PassportGate } from '../trust/gates.ts';
import {
  type AdmittedCall,
  admit,
  type IncomingCall,
  type Noted,
  type ServedMethod,
} from './admit.ts';
import { type Interceptor, intercepted } from './interceptor.ts';

/** What each call of a server is run with. */
export interface ServerParts {
  readonly trustDomain: string;
  readonly passports: PassportGate;
  readonly telemetry: Telemetry;
  readonly meters: CallMeters;
  readonly log: Logger;
  readonly interceptors: readonly Interceptor[];
}

/** What is counted of calls served. */
export interface CallMeters {
  /** `rpc.server.call.duration` in seconds, by method and status. */
  readonly durations: Histogram;
  /** `rpc.server.active_requests`: calls that are being worked on, by method. */
  readonly active: UpDownCounter;
}

/** Makes the meters of calls served. */
export function callMeters({ meter }: Telemetry): CallMeters {
  const active = meter.createUpDownCounter('rpc.server.active_requests', {
    description: 'Calls that are being worked on, by method',
  });
  const durations = meter.createHistogram('rpc.server.call.duration', {
    unit: 's',
    description: 'Calls served, by method and status',
    advice: {
      explicitBucketBoundaries: [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
      ],
    },
  });
  return { durations, active };
}

/** @returns the encoded response. @throws GatehouseError, and nothing else. */
export function runUnary(
  parts: ServerParts,
  method: ServedMethod,
  incoming: IncomingCall,
): Promise<Buffer> {
  return observed(parts, method, incoming, async ({ request, call }) =>
    encode(method, await method.handler(request, call)),
  );
}

/** Where a stream's responses go. */
export interface StreamEnds {
  readonly incoming: IncomingCall;
  /** Resolves when the next one may be written. */
  readonly write: (response: Buffer) => Promise<void>;
}

/** Writes each response of a server stream. @throws GatehouseError, and nothing else. */
export function runStream(
  parts: ServerParts,
  method: ServedMethod,
  { incoming, write }: StreamEnds,
): Promise<void> {
  return observed(parts, method, incoming, async ({ request, call }) => {
    const responses = method.handler(request, call) as AsyncIterable<unknown>;
    for await (const response of untilAborted(responses, call.signal)) {
      await write(encode(method, response));
    }
    if (call.signal.aborted) throw call.signal.reason;
  });
}

type Work<Result> = (admitted: AdmittedCall) => Promise<Result>;

async function observed<Result>(
  parts: ServerParts,
  method: ServedMethod,
  incoming: IncomingCall,
  work: Work<Result>,
): Promise<Result> {
  const { id } = method.contract;
  const parent = propagation.extract(ROOT_CONTEXT, incoming.metadata, metadataCarrier);
  const span = parts.telemetry.tracer.startSpan(
    id,
    { kind: SpanKind.SERVER, attributes: { 'rpc.system.name': 'grpc', 'rpc.method': id } },
    parent,
  );
  const startedMs = performance.now();
  parts.meters.active.add(1, { 'rpc.method': id });
  let status = 'OK';
  try {
    return await context.with(trace.setSpan(parent, span), async () => {
      const noted: Partial<Record<Noted, string>> = {};
      const note = (name: Noted, value: string): void => {
        noted[name] = value;
        span.setAttribute(`gatehouse.${name}`, value);
      };
      try {
        const admitted = await admit({ ...parts, note }, method, incoming);
        const { passportToken: passport, deadlineMs } = admitted.call;
        // What goes on into the calls that the handler makes.
        return await withFlow({ passport, deadlineMs }, () =>
          intercepted(parts.interceptors, admitted.call, () => work(admitted)),
        );
      } catch (thrown) {
        const error = responseTo(thrown, incoming.signal);
        status = error.kind;
        const { peer, decision } = noted;
        reportFailure(error, {
          what: 'call',
          log: parts.log,
          span,
          line: { method: id },
          who: () => ({ peer, address: incoming.from(), decision }),
        });
        throw error;
      }
    });
  } finally {
    span.setAttribute('rpc.response.status_code', status);
    span.end();
    parts.meters.active.add(-1, { 'rpc.method': id });
    parts.meters.durations.record((performance.now() - startedMs) / 1_000, {
      'rpc.method': id,
      'rpc.response.status_code': status,
    });
  }
}

/** What was thrown, as the caller may see it; after an abort, an error of a library is only its echo. */
function responseTo(thrown: unknown, signal: AbortSignal): GatehouseError {
  const isEcho = signal.aborted && !(thrown instanceof GatehouseError);
  return toGatehouseError(isEcho ? signal.reason : thrown);
}

function encode({ contract }: ServedMethod, response: unknown): Buffer {
  const schema = contract.desc.output;
  // implement() let the compiler check what this handler returns.
  const message = create(schema, response as MessageInitShape<DescMessage>);
  const bytes = toBinary(schema, message);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Ends with the source, or at once when the signal aborts, however long the source is silent. */
async function* untilAborted<Item>(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await nextOrAborted(iterator, signal);
      if (step === undefined || step.done === true) return;
      yield step.value;
    }
  } finally {
    // Not awaited: a source that sits in an await of its own would never come to its end.
    iterator.return?.().catch(() => undefined);
  }
}

function nextOrAborted<Item>(
  iterator: AsyncIterator<Item>,
  signal: AbortSignal,
): Promise<IteratorResult<Item> | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
