/** Extension as core calls it: one update, on the recorded wire, believed only as far as it makes sense. */
import { type ExactJson, ExactNumber, parseExact, stringifyExact } from '@gatehouse/chassis/http';
import { coreErrors } from '../errors.ts';

/** One asset to be updated. */
export interface UpdateAsked {
  readonly userId: bigint;
  readonly asset: bigint;
  readonly day: string;
  readonly signal: AbortSignal;
}

/** What extension made of it. */
export interface Updated {
  /** Decimal text. */
  readonly multiplier: string;
  readonly updatedAsset: bigint;
}

/** @throws GatehouseError when extension is unavailable, denies the call, or sends an invalid response. */
export type UpdateAsset = (asked: UpdateAsked) => Promise<Updated>;

/** Sends a request to one of extension's replicas, with a service token, within its time. */
export interface ExtensionTarget {
  fetch(
    path: string,
    init: {
      readonly method: 'POST';
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly idempotencyKey: string;
      readonly signal: AbortSignal;
    },
  ): Promise<{ readonly status: number; text(): Promise<string> }>;
}

const DECIMAL = /^\d{1,3}(\.\d{1,20})?$/;
const INTEGER = /^(0|[1-9]\d{0,18})$/;
/** Statuses by which a request is refused for what it asks, whoever sends it and whenever. */
const REFUSALS: ReadonlySet<number> = new Set([400, 409, 413, 422]);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Asks extension for an update. A repeat for the same user and day has the same response, so that it is
 * safe to repeat, and is marked so.
 */
export function extensionClient(target: ExtensionTarget): UpdateAsset {
  return async ({ userId, asset, day, signal }) => {
    const response = await target.fetch(`/msa/ext/api/update-asset/${userId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      idempotencyKey: `${userId}:${day}`,
      body: stringifyExact({ asset, snapshotDay: day }),
      signal,
    });
    const text = await response.text();
    if (REFUSALS.has(response.status)) throw refused(`status ${response.status}`);
    if (response.status !== 200) throw nonsense(`status ${response.status}`);
    return readResponse(text, { userId, asset, day });
  };
}

function readResponse(text: string, asked: Omit<UpdateAsked, 'signal'>): Updated {
  const { resultCode, data } = objectOf(parsed(text));
  if (resultCode !== 'S') throw nonsense('its resultCode is not S');
  const { userId, originalAsset, date, multiplier, updatedAsset } = objectOf(data);
  const isOurs =
    numberOf(userId) === String(asked.userId) &&
    numberOf(originalAsset) === String(asked.asset) &&
    date === asked.day;
  if (!isOurs) throw nonsense('it belongs to another request');
  const updated = INTEGER.test(numberOf(updatedAsset)) ? BigInt(numberOf(updatedAsset)) : undefined;
  if (updated === undefined || !isMultiplier(numberOf(multiplier))) {
    throw nonsense('its numbers are none');
  }
  if (updated > MAX_INT64) throw refused('the updated asset does not fit into 64 bits');
  return { multiplier: numberOf(multiplier), updatedAsset: updated };
}

function isMultiplier(text: string): boolean {
  return DECIMAL.test(text) && Number(text) > 0;
}

function parsed(text: string): ExactJson {
  try {
    return parseExact(text);
  } catch (cause) {
    throw coreErrors.EXTENSION_ANSWER({ cause });
  }
}

function objectOf(value: ExactJson | undefined): Readonly<Record<string, ExactJson | undefined>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  // The members of an object; an ExactNumber has none of those that are asked for.
  return isObject ? (value as Readonly<Record<string, ExactJson | undefined>>) : {};
}

function numberOf(value: ExactJson | undefined): string {
  return value instanceof ExactNumber ? value.text : '';
}

function refused(why: string): Error {
  return coreErrors.EXTENSION_REFUSED({ cause: new Error(why) });
}

function nonsense(why: string): Error {
  return coreErrors.EXTENSION_ANSWER({ cause: new Error(why) });
}
