/**
 * The wire of the original three-server system: a client's id and secret for a bare token, and the
 * public key as one line. Not OAuth: kept for clients and servers that speak it.
 */
import {
  type HttpFailure,
  type HttpResponse,
  problemResponse,
  type RouteGroup,
  sendResponse,
} from '@gatehouse/chassis/http';
import { commonErrors, type GatehouseError } from '@gatehouse/errors';
import type { AuthenticateClient } from './authenticate.ts';
import type { IssueServiceToken } from './issue-token.ts';

export interface OriginalWireParts {
  readonly authenticate: AuthenticateClient;
  readonly issueServiceToken: IssueServiceToken;
  /** SubjectPublicKeyInfo (DER) of the key that signs now. */
  readonly publicKey: () => Buffer;
}

const TEXT = 'text/plain;charset=UTF-8';
const WRONG = 'Unauthorized: invalid_client or secret mismatch';
const MAX_TEXT = 256;
const MAX_BODY_BYTES = 4 * 1024;
const NEVER_STORED = { 'cache-control': 'no-store' };

/** Both spellings of each path are served. */
const ORIGINAL_PATHS = {
  token: ['/msa/auth/api/token', '/msa/auth/token'],
  publicKey: ['/msa/auth/api/public-key', '/msa/auth/public-key'],
} as const;

export function originalWireGroup(parts: OriginalWireParts): RouteGroup {
  return {
    maxBodyBytes: MAX_BODY_BYTES,
    errorResponse,
    routes: (app) => {
      for (const path of ORIGINAL_PATHS.token) {
        app.post(path, async (request, reply) => {
          const { clientId, secret } = credentialsOf(request.body);
          const address = request.raw.socket.remoteAddress ?? '';
          const client = await parts.authenticate({ kind: 'secret', clientId, secret }, address);
          const { token } = await parts.issueServiceToken(client, undefined);
          return sendResponse(reply, { ...text(token), headers: NEVER_STORED });
        });
      }
      for (const path of ORIGINAL_PATHS.publicKey) {
        app.get(path, async (_request, reply) =>
          sendResponse(reply, text(parts.publicKey().toString('base64'))),
        );
      }
    },
  };
}

/** Members beside the two are ignored, as the original ignores them. */
function credentialsOf(body: unknown) {
  const members = parsed(typeof body === 'string' ? body : '');
  return { clientId: textOf(members, 'clientId'), secret: textOf(members, 'clientSecret') };
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw invalid('', 'must be JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('', 'must be a JSON object');
  }
  return value as Readonly<Record<string, unknown>>;
}

function textOf(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT) return value;
  throw invalid(`/${name}`, `must be a string of 1 to ${MAX_TEXT} characters`);
}

function invalid(pointer: string, detail: string): GatehouseError {
  return commonErrors.INVALID_INPUT({ fields: [{ pointer, detail }] });
}

function errorResponse(failure: HttpFailure): HttpResponse {
  if (failure.error.kind !== 'UNAUTHENTICATED') return problemResponse(failure);
  return { ...text(WRONG), headers: NEVER_STORED };
}

function text(body: string): HttpResponse {
  return { contentType: TEXT, body };
}
