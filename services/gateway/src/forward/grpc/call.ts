/** The gRPC backend: a request becomes a message, and the message of the response becomes JSON. */
import { GatehouseError } from '@gatehouse/errors';
import type { Verifier } from '@gatehouse/tokens';
import { context } from '@opentelemetry/api';
import type { GatewayRequest } from '../../decide/request.ts';
import { edgeErrors } from '../../errors.ts';
import { invalidToken } from '../../identify/bearer.ts';
import type { EdgeClaims } from '../../identify/edge-claims.ts';
import type { Identity } from '../../identify/identify.ts';
import { contextOf } from '../../observe/record.ts';
import type { EdgeResponse } from '../../receive/seam.ts';
import type { RoutedMethod } from '../../route/route.ts';
import type { Forwarder } from './forwarder.ts';
import { requestMessage } from './request-message.ts';
import { successResponse } from './success.ts';

/** What calls stand on. */
export interface GrpcBackend {
  readonly forwarder: Forwarder;
  readonly verifier: Pick<Verifier<EdgeClaims>, 'verifyCached'>;
}

/** What is called, and with which passport. */
export interface ServiceCall {
  readonly method: RoutedMethod;
  /** Asked last, since a body may be slow to come and a passport lives a minute. */
  readonly passport: () => string;
}

/** What the chassis of a service says to a passport that it cannot take, or not any more. */
const PASSPORT_INVALID = 'access.passport_invalid';
const PASSPORT_REVOKED = 'access.passport_revoked';
const BODY_LIMIT_BYTES = 1024 * 1024;
const EMPTY = new Uint8Array();

/**
 * Calls the service of a method.
 *
 * @throws GatehouseError what the request, the body or the service is at fault with; Refused 401.
 */
export async function callService(
  backend: GrpcBackend,
  request: GatewayRequest,
  { method, passport }: ServiceCall,
): Promise<EdgeResponse> {
  const { incoming, target, query, head, record, requestHeaders } = request;
  const body = method.http.body === '' ? EMPTY : await incoming.readBody(BODY_LIMIT_BYTES);
  const { contentType } = head;
  const variables = request.variables(target.segments);
  const message = requestMessage(method, { variables, query, contentType, body });
  const call = { method, message, passport: passport(), signal: incoming.signal };
  const metadata = requestHeaders === undefined ? {} : { metadata: requestHeaders };
  try {
    const forward = () => backend.forwarder.forward({ ...call, ...metadata });
    return successResponse(method, await context.with(contextOf(record), forward));
  } catch (thrown) {
    throw explained(backend, request.identity, thrown);
  }
}

/**
 * A service that refuses our passport has heard of a revocation, maybe before us, or does not know
 * our key yet. Only in the first case is the client's token to blame.
 */
function explained({ verifier }: GrpcBackend, { token }: Identity, thrown: unknown): unknown {
  if (!(thrown instanceof GatehouseError)) return thrown;
  const { code } = thrown;
  if (code !== PASSPORT_INVALID && code !== PASSPORT_REVOKED) return thrown;
  if (token === undefined) return edgeErrors.NOT_READY({ cause: thrown });
  const isRevoked = code === PASSPORT_REVOKED || verifier.verifyCached(token) === undefined;
  return isRevoked ? invalidToken(thrown) : edgeErrors.NOT_READY({ cause: thrown });
}
