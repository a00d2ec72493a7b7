/**
 * The wire of the original three-server system: a client's id and secret for a bare token, and the
 * public key as one line. Not OAuth: kept for clients and servers that speak it.
 */

import { commonErrors, GatehouseError } from '@gatehouse/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Routes } from '../http/listener.ts';
import { refuse } from '../http/problems.ts';
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

/** Both spellings of each path are answered. */
const ORIGINAL_PATHS = {
  token: ['/msa/auth/api/token', '/msa/auth/token'],
  publicKey: ['/msa/auth/api/public-key', '/msa/auth/public-key'],
} as const;

export function originalWireRoutes(parts: OriginalWireParts): Routes {
  return (app) => {
    app.register(async (scope) => {
      takeJson(scope);
      scope.setErrorHandler(async (error, _request, reply) => answer(reply, error));
      for (const path of ORIGINAL_PATHS.token) {
        scope.post(path, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
          const { clientId, clientSecret: secret } = credentialsOf(request.body);
          const address = request.raw.socket.remoteAddress ?? '';
          const client = await parts.authenticate({ kind: 'secret', clientId, secret }, address);
          const { token } = await parts.issueServiceToken(client, undefined);
          return sendText(reply, 200, token);
        });
      }
      for (const path of ORIGINAL_PATHS.publicKey) {
        scope.get(path, async (_request, reply) =>
          sendText(reply, 200, parts.publicKey().toString('base64')),
        );
      }
    });
  };
}

// As bytes: what is wrong with a body is ours to say.
function takeJson(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
}

/** Members beside the two are ignored, as the original ignores them. */
function credentialsOf(body: FastifyRequest['body']) {
  const members = parsed(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  return { clientId: text(members, 'clientId'), clientSecret: text(members, 'clientSecret') };
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw wrong('', 'is not JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong('', 'is not a JSON object');
  }
  return value as Readonly<Record<string, unknown>>;
}

function text(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT) return value;
  throw wrong(`/${name}`, `must be a text of 1 to ${MAX_TEXT} characters`);
}

function wrong(pointer: string, detail: string): GatehouseError {
  return commonErrors.INVALID_INPUT({ fields: [{ pointer, detail }] });
}

function answer(reply: FastifyReply, error: unknown): FastifyReply {
  const isWrong = error instanceof GatehouseError && error.kind === 'UNAUTHENTICATED';
  return isWrong ? sendText(reply, 401, WRONG) : refuse(reply, error);
}

// As bytes, so that the type stays as the original writes it.
function sendText(reply: FastifyReply, status: number, content: string): FastifyReply {
  reply.header('content-type', TEXT);
  if (status !== 200 || content.includes('.')) reply.header('cache-control', 'no-store');
  return reply.code(status).send(Buffer.from(content));
}
