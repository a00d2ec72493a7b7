/** Extension put together: its database, who may call, and the two paths of its wire. */
import { randomInt } from 'node:crypto';
import { runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import {
  ExactNumber,
  type HttpOptions,
  type HttpResponse,
  httpErrors,
  httpListener,
  sendResponse,
} from '@gatehouse/chassis/http';
import { seoulDay } from '@gatehouse/contracts/days';
import { readExtensionConfig } from './config.ts';
import { drawMultiplier, shortest, type Uniform, updatedAsset } from './domain/multiplier.ts';
import { nicknameOf } from './domain/nickname.ts';
import { type IdentifyCaller, identifyCallers } from './http/callers.ts';
import { failure, readUpdate, readUserId, success } from './http/wire.ts';
import { type ExtensionTables, keepMultiplier } from './store.ts';

const UPDATE_ASSET = '/msa/ext/api/update-asset/:userId';
const NICKNAME = '/msa/ext/api/nickname/:userId';
/** What a token of ours must allow; a nickname is given to every client. */
const SCOPES: Readonly<Record<string, string>> = { [UPDATE_ASSET]: 'asset:update' };
const RANDOM_STEPS = 2 ** 47;

interface UserPath {
  readonly Params: { readonly userId: string };
}

/**
 * Composes the service.
 *
 * @param uniform - where chance comes from. Default: the system's.
 */
export async function build(
  context: ServiceContext,
  uniform: Uniform = systemUniform,
): Promise<ServiceApp> {
  const identify = identifyCallers(context, readExtensionConfig(context.env));
  const database = await context.database<ExtensionTables>({
    migrations: new URL('../migrations/', import.meta.url),
  });

  async function updateAsset(userIdText: string, body: unknown): Promise<string> {
    const userId = readUserId(userIdText);
    const { asset, day = seoulDay(context.clock.nowMs()) } = readUpdate(body);
    const at = new Date(context.clock.nowMs());
    const drawn = { userId, day, multiplier: drawMultiplier(uniform), at };
    const multiplier = await keepMultiplier(database.read, drawn);
    return success('Update asset success', {
      userId,
      originalAsset: asset,
      multiplier: new ExactNumber(shortest(multiplier)),
      updatedAsset: updatedAsset(asset, multiplier),
      date: day,
    });
  }

  async function nickname(userIdText: string): Promise<string> {
    const userId = readUserId(userIdText);
    const at = new Date(context.clock.nowMs());
    const given = await nicknameOf(database, { userId, uniform, at });
    return success('Nickname success', { userId, nickname: given });
  }

  const listener = httpListener(context, {
    errorResponse: ({ error }) =>
      error.kind === 'UNAUTHENTICATED' ? undefined : json(failure(error)),
    routes: (app) => {
      admitCallers(app, identify);
      app.post<UserPath>(UPDATE_ASSET, async ({ params, body }, reply) =>
        sendResponse(reply, json(await updateAsset(params.userId, body))),
      );
      app.get<UserPath>(NICKNAME, async ({ params }, reply) =>
        sendResponse(reply, json(await nickname(params.userId))),
      );
    },
  });
  return { implementations: [], listeners: listener === undefined ? [] : [listener] };
}

/** No body is read before the token is verified. */
function admitCallers(app: Parameters<HttpOptions['routes']>[0], identify: IdentifyCaller): void {
  app.addHook('onRequest', async (request) => {
    const { scopes } = await identify(request.headers.authorization);
    const scope = SCOPES[request.routeOptions.url ?? ''];
    if (scope !== undefined && scopes?.has(scope) === false) throw httpErrors.SCOPE();
  });
}

function json(body: string): HttpResponse {
  return { contentType: 'application/json', body };
}

function systemUniform(): number {
  return randomInt(RANDOM_STEPS) / RANDOM_STEPS;
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: 'extension', build });
