/** How a typed client of another service looks. */
import type { DescMessage, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

/** What one call may say beside its request. */
export interface CallOptions {
  /**
   * The compact passport to send; it is handed on unmodified. Default: that of the call that is being
   * served, where the method's rule asks for one.
   */
  readonly passport?: string;
  /**
   * Milliseconds until the call is given up: the policy's 5,000 for unary; a stream has none unless given.
   * The deadline of the call that is being served bounds both.
   */
  readonly timeoutMs?: number;
  /** Cancels the call when it aborts. */
  readonly signal?: AbortSignal;
  /** Makes a retry harmless: the service does what has this key once. Such a call may be retried. */
  readonly idempotencyKey?: string;
}

/** The function that calls one method. It throws GatehouseError with the code the server gave. */
export type ClientMethod<M> = M extends {
  readonly methodKind: infer K;
  readonly input: infer I extends DescMessage;
  readonly output: infer O extends DescMessage;
}
  ? K extends 'unary'
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : K extends 'server_streaming'
      ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
      : never
  : never;

/** A function for every method of a contract, by local name. */
export type ServiceClient<S extends DescService> = {
  readonly [K in keyof S['method']]: ClientMethod<S['method'][K]>;
};
