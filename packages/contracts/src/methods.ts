import { type DescMethod, type DescService, getOption, hasOption } from '@bufbuild/protobuf';
import { EmptySchema } from '@bufbuild/protobuf/wkt';
import { FILES } from './gen/files.ts';
import { success_status } from './gen/gatehouse/access/v1/access_pb.ts';
import { http } from './gen/google/api/annotations_pb.ts';
import { type AccessRule, ANY_WORKLOAD, readRule } from './rule.ts';
import { assertScopesDeclared, type ScopeContract, scopesOf } from './scopes.ts';

/** How a method is reached at the edge. */
export interface HttpBinding {
  readonly verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/board/v1/posts/{post_id}`: literal segments and whole-segment variables, named by field. */
  readonly template: string;
  /** `'*'`: the JSON body is the request, beside path variables. `''`: no body; a query instead. */
  readonly body: '' | '*';
}

/** All that gateway, service, documentation and tests need to know of one method. */
export interface MethodContract {
  /** `gatehouse.board.v1.BoardService/GetPost`. */
  readonly id: string;
  /** `/gatehouse.board.v1.BoardService/GetPost`: the HTTP/2 path of the gRPC call. */
  readonly grpcPath: string;
  /** The workload that serves it: `board`, the package's second part. */
  readonly service: string;
  readonly rule: AccessRule;
  /** Absent: not reachable from outside. */
  readonly http?: HttpBinding;
  /** HTTP status of a success at the edge. */
  readonly successStatus: number;
  readonly desc: DescMethod;
}

// A template's segment: literal, or one whole variable.
const SEGMENT = /^(?:[a-z0-9][a-z0-9._-]*|\{([a-z][a-z0-9_]*)\})$/;

/** The services of the platform: those that the files of proto/ declare. */
export const SERVICES: readonly DescService[] = FILES.flatMap(({ services }) => services);

/**
 * Reads what a service's contract says of each of its methods.
 *
 * @example
 * ```ts
 * import { contractsOf } from '@gatehouse/contracts';
 * import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
 *
 * for (const { id, http, rule } of contractsOf(BoardService)) {
 *   console.log(id, http?.template, rule.scopes);
 * }
 * ```
 * @throws Error naming the method that has no rule, or an HTTP binding that its rule cannot serve.
 */
export function contractsOf(service: DescService): readonly MethodContract[] {
  return service.methods.map(contractOf);
}

/** Every method of {@link SERVICES}. */
export const METHODS: readonly MethodContract[] = SERVICES.flatMap(contractsOf);

/** Every scope that a contract declares. */
export const SCOPES: readonly ScopeContract[] = scopesOf(FILES);
assertScopesDeclared(METHODS, SCOPES);

function contractOf(desc: DescMethod): MethodContract {
  const [root, service] = desc.parent.file.proto.package.split('.');
  if (root !== 'gatehouse' || service === undefined) {
    throw new Error(`${desc.toString()} is not in a package gatehouse.<service>.<version>`);
  }
  const rule = readRule(desc);
  const binding = bindingOf(desc);
  if (binding !== undefined) assertReachable(desc, rule);
  return Object.freeze({
    id: `${desc.parent.typeName}/${desc.name}`,
    grpcPath: `/${desc.parent.typeName}/${desc.name}`,
    service,
    rule,
    ...(binding === undefined ? {} : { http: binding }),
    successStatus: statusOf(desc),
    desc,
  });
}

function assertReachable(desc: DescMethod, rule: AccessRule): void {
  if (rule.subject === 'WORKLOAD' || rule.subject === 'NONE') {
    throw new Error(`${desc.toString()} is for ${rule.subject} and cannot have an HTTP binding`);
  }
  if (!rule.callers.includes('gateway') && !rule.callers.includes(ANY_WORKLOAD)) {
    throw new Error(`${desc.toString()} has an HTTP binding but its callers leave out the gateway`);
  }
  if (desc.methodKind !== 'unary') {
    throw new Error(`${desc.toString()} is a stream and cannot have an HTTP binding`);
  }
}

function statusOf(desc: DescMethod): number {
  const declared = getOption(desc, success_status);
  if (declared !== 0) return declared;
  return desc.output.typeName === EmptySchema.typeName ? 204 : 200;
}

function bindingOf(desc: DescMethod): HttpBinding | undefined {
  if (!hasOption(desc, http)) return undefined;
  const { pattern, body, additionalBindings, responseBody } = getOption(desc, http);
  if (pattern.case === undefined || pattern.case === 'custom') {
    throw new Error(`${desc.toString()}: its HTTP binding has no verb`);
  }
  if (body !== '' && body !== '*') {
    throw new Error(`${desc.toString()}: body must be "*" or absent`);
  }
  if (additionalBindings.length > 0 || responseBody !== '') {
    throw new Error(`${desc.toString()}: a method has one binding, and its response is the body`);
  }
  const verb = pattern.case.toUpperCase() as HttpBinding['verb'];
  assertTemplate(desc, pattern.value);
  return Object.freeze({ verb, template: pattern.value, body });
}

function assertTemplate(desc: DescMethod, template: string): void {
  if (!template.startsWith('/')) {
    throw new Error(`${desc.toString()}: ${template} must begin with /`);
  }
  const variables = new Set<string>();
  for (const segment of template.slice(1).split('/')) {
    const match = SEGMENT.exec(segment);
    if (match === null) throw new Error(`${desc.toString()}: ${template} has a bad segment`);
    const variable = match[1];
    if (variable === undefined) continue;
    if (variables.has(variable)) throw new Error(`${desc.toString()}: {${variable}} comes twice`);
    variables.add(variable);
    const field = desc.input.fields.find((candidate) => candidate.name === variable);
    if (field?.fieldKind !== 'scalar') {
      throw new Error(`${desc.toString()}: {${variable}} is no scalar field of its request`);
    }
  }
}
