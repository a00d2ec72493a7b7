/** What a service adds to its admin listener: questions about itself, with JSON in and out. */
import type { IncomingMessage } from 'node:http';
import { commonErrors, type GatehouseError, toGatehouseError } from '@gatehouse/errors';
import type { LocalResponse } from '@gatehouse/runtime';

/** One question that the admin listener responds to. */
export interface AdminRoute {
  readonly verb: 'GET' | 'POST';
  /** `/explain`: exactly this. */
  readonly path: string;
  /**
   * @param body - the JSON that came with a POST; undefined for GET.
   * @returns what is sent as JSON.
   * @throws GatehouseError to respond with its status, code and message.
   */
  readonly respond: (body: unknown) => unknown;
}

const MAX_BODY_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** The questions of one service, by verb and path. */
export class AdminRoutes {
  readonly #routes: AdminRoute[] = [];

  /** @throws Error when verb and path are taken. */
  add(route: AdminRoute): void {
    const taken = this.#routes.some(({ verb, path }) => verb === route.verb && path === route.path);
    if (taken) throw new Error(`the admin listener has ${route.verb} ${route.path} already`);
    this.#routes.push(route);
  }

  /** @returns undefined when the path is none of these. */
  async respond(request: IncomingMessage): Promise<LocalResponse | undefined> {
    const path = request.url?.split('?')[0];
    const atPath = this.#routes.filter((route) => route.path === path);
    if (atPath.length === 0) return undefined;
    const verb = request.method === 'HEAD' ? 'GET' : request.method;
    const route = atPath.find((each) => each.verb === verb);
    if (route === undefined) return { status: 405, body: {} };
    try {
      const body = verb === 'POST' ? await readJson(request) : undefined;
      return { status: 200, body: Object(await route.respond(body)) };
    } catch (thrown) {
      const { code, message, httpStatus } = toGatehouseError(thrown);
      return { status: httpStatus, body: { code, message } };
    }
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  // A type that no web page may send without being asked first.
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) throw notJson();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw notJson();
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw notJson(cause);
  }
}

function notJson(cause?: unknown): GatehouseError {
  const detail = 'must be application/json of 64 kB at most';
  return commonErrors.INVALID_INPUT({ fields: [{ pointer: '', detail }], cause });
}
