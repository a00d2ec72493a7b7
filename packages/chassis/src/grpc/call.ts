/** What a handler is given beside its request, and how the handlers of a contract are declared. */
import type {
  DescMessage,
  DescMethod,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { AccessSubject } from '@gatehouse/access';
import { contractsOf, type MethodContract } from '@gatehouse/contracts';
import type { PassportClaims } from '@gatehouse/tokens';

/** One admitted call: everything here has been checked before the handler runs. */
export interface Call {
  readonly method: MethodContract;
  /** SPIFFE ID of the peer, from its certificate. */
  readonly caller: string;
  /** Whom the call is for; kind `none` where the rule asks for no passport. */
  readonly subject: AccessSubject;
  /** The verified passport; absent where the rule asks for none. */
  readonly passport?: PassportClaims | undefined;
  /** The passport as it came, to be handed on unmodified to the next service. A secret: never log it. */
  readonly passportToken?: string | undefined;
  /** Aborted when the caller goes away, its deadline passes, or the process has to stop. */
  readonly signal: AbortSignal;
  /** The caller's deadline in milliseconds since the epoch; absent when it set none. */
  readonly deadlineMs?: number | undefined;
}

/** The function that serves one method: a promise for unary, an async iterable for a server stream. */
export type Handler<M> = M extends {
  readonly methodKind: infer K;
  readonly input: infer I extends DescMessage;
  readonly output: infer O extends DescMessage;
}
  ? K extends 'unary'
    ? (request: MessageShape<I>, call: Call) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : K extends 'server_streaming'
      ? (request: MessageShape<I>, call: Call) => AsyncIterable<MessageInitShape<O>>
      : never
  : never;

/** A function for every method of a contract, by local name. */
export type Handlers<S extends DescService> = {
  readonly [K in keyof S['method']]: Handler<S['method'][K]>;
};

/** A handler as the pipeline calls it, its types checked where it was declared. */
export type AnyHandler = (request: unknown, call: Call) => unknown;

/** A contract with the functions that serve it. Made by {@link implement}. */
export interface Implementation {
  readonly service: DescService;
  readonly methods: ReadonlyMap<
    string,
    { readonly contract: MethodContract; readonly handler: AnyHandler }
  >;
}

/**
 * Binds a contract to the functions that serve it.
 *
 * @param service - the generated descriptor: `BoardService`.
 * @param handlers - one function per method; a missing one does not compile.
 * @throws Error naming the method that has no function, or whose kind of stream is not served
 *   (unary and server streaming are).
 *
 * @example
 * ```ts
 * import { type Handlers, implement } from '@gatehouse/chassis';
 * import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
 *
 * export function boardOf(handlers: Handlers<typeof BoardService>) {
 *   return implement(BoardService, handlers);
 * }
 * ```
 */
export function implement<S extends DescService>(
  service: S,
  handlers: Handlers<S>,
): Implementation {
  const byName = handlers as Readonly<Record<string, AnyHandler | undefined>>;
  const methods = new Map<string, { contract: MethodContract; handler: AnyHandler }>();
  for (const contract of contractsOf(service)) {
    methods.set(contract.grpcPath, {
      contract,
      handler: handlerOf(contract.desc, byName),
    });
  }
  return { service, methods };
}

function handlerOf(
  method: DescMethod,
  handlers: Readonly<Record<string, AnyHandler | undefined>>,
): AnyHandler {
  if (method.methodKind !== 'unary' && method.methodKind !== 'server_streaming') {
    throw new Error(`${method.toString()} is ${method.methodKind}, which is not served`);
  }
  const handler = handlers[method.localName];
  if (typeof handler !== 'function') {
    throw new Error(`${method.toString()} has no function in implement()`);
  }
  return (request, call) => handler.call(handlers, request, call);
}
