/** Extension as a function: multipliers that are known, accidents on demand. */
import type { ExtensionTarget } from '../extension/client.ts';

export interface ModelExtension extends ExtensionTarget {
  /** Paths that were asked, each as often as it was. */
  readonly asked: string[];
  /** What is asked of it waits for this. */
  gate: Promise<unknown>;
  /** Responds in place of its own; undefined: its own. */
  response: ((path: string) => { status: number; body: string } | undefined) | undefined;
  /** Thrown for each request. */
  failure: Error | undefined;
}

/** The multiplier of a user: 0.95 to 1.04 in hundredths. */
export function multiplierOf(userId: bigint): string {
  return (95n + (userId % 10n)).toString().padStart(3, '0').replace(/^(\d)/, '$1.');
}

/** What an asset becomes, as extension rounds it. */
export function updatedOf(userId: bigint, asset: bigint): bigint {
  return (asset * (95n + (userId % 10n)) + 50n) / 100n;
}

export function modelExtension(): ModelExtension {
  const model: ModelExtension = {
    asked: [],
    gate: Promise.resolve(),
    response: undefined,
    failure: undefined,
    fetch: async (path, { body, signal }) => {
      model.asked.push(path);
      await Promise.race([model.gate, aborted(signal)]);
      if (model.failure !== undefined) throw model.failure;
      const { status, body: text } = model.response?.(path) ?? {
        status: 200,
        body: responseTo(path, body),
      };
      return { status, text: async () => text };
    },
  };
  return model;
}

function responseTo(path: string, body: string): string {
  const userId = BigInt(path.split('/').at(-1) ?? '');
  const [, asset = '', day = ''] = /^\{"asset":(\d+),"snapshotDay":"([\d-]+)"\}$/.exec(body) ?? [];
  const data = `"userId":${userId},"originalAsset":${asset},"multiplier":${multiplierOf(userId)},"updatedAsset":${updatedOf(userId, BigInt(asset))},"date":"${day}"`;
  return `{"resultCode":"S","message":"Update asset success","data":{${data}}}`;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
