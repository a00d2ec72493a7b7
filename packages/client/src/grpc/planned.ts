/** A method as it is called: what its contract says, read once, and what goes beside each request. */

import type { DescMessage } from '@bufbuild/protobuf';
import { create, type DescMethod, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { isSafe, type MethodContract } from '@gatehouse/contracts';
import { Metadata } from '@grpc/grpc-js';
import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  type SpanOptions,
  trace,
} from '@opentelemetry/api';
import { clientErrors } from '../errors.ts';
import { currentPassport } from '../flow.ts';
import type { CallOptions } from './client-types.ts';
import { KEY_METADATA, PASSPORT_METADATA } from './names.ts';
import { metadataCarrier } from './propagation.ts';
import type { Upstream } from './upstream.ts';

/** A method of a client. */
export interface PlannedMethod {
  readonly desc: DescMethod;
  readonly id: string;
  readonly path: string;
  readonly isSafe: boolean;
  readonly needsPassport: boolean;
  readonly spanOptions: SpanOptions;
}

/** What a method's request is made from. */
export type Init = MessageInitShape<DescMessage>;

/** Reads what is needed of a method's contract. */
export function plannedMethod({ id, grpcPath, rule, desc }: MethodContract): PlannedMethod {
  return {
    desc,
    id,
    path: grpcPath,
    isSafe: isSafe(desc),
    needsPassport: rule.subject !== 'NONE',
    spanOptions: {
      kind: SpanKind.CLIENT,
      attributes: { 'rpc.system.name': 'grpc', 'rpc.method': id },
    },
  };
}

/** A call that has begun. */
export interface Begun {
  readonly method: PlannedMethod;
  readonly span: Span;
  readonly within: Context;
}

/** Opens the span of a call. */
export function begin(method: PlannedMethod, { tracer }: Upstream): Begun {
  const span = tracer.startSpan(method.id, method.spanOptions);
  return { method, span, within: trace.setSpan(context.active(), span) };
}

export function encode({ desc }: PlannedMethod, request: Init): Buffer {
  const bytes = toBinary(desc.input, create(desc.input, request));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The passport that goes with a call: the one given, or that of the call that is being served. A method whose
 * rule asks for none gets none unless it is given.
 *
 * @throws GatehouseError `client.passport_missing` when one is needed and none is there.
 */
export function passportFor(method: PlannedMethod, options: CallOptions): string | undefined {
  if (!method.needsPassport) return options.passport;
  const passport = options.passport ?? currentPassport();
  if (passport === undefined) {
    throw clientErrors.PASSPORT_MISSING({ cause: new Error(`${method.id} needs a passport`) });
  }
  return passport;
}

/** What goes beside a request. */
export interface Beside {
  readonly passport: string | undefined;
  readonly token: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** The metadata of one try. */
export function metadataFor({ within }: Begun, beside: Beside): Metadata {
  const metadata = new Metadata();
  propagation.inject(within, metadata, metadataCarrier);
  const { passport, token, idempotencyKey } = beside;
  if (passport !== undefined) metadata.set(PASSPORT_METADATA, passport);
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  if (idempotencyKey !== undefined) metadata.set(KEY_METADATA, idempotencyKey);
  return metadata;
}
