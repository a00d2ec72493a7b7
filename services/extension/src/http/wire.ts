/** The wire of the original extension server: `ResData` around every body, numbers with all digits. */

import { type ExactJson, ExactNumber, parseExact, stringifyExact } from '@gatehouse/chassis/http';
import { isDay } from '@gatehouse/contracts/days';
import { commonErrors, type FieldViolation, type GatehouseError } from '@gatehouse/errors';
import { MAX_INT64 } from '../domain/multiplier.ts';

const INTEGER = /^-?(?:0|[1-9]\d{0,18})$/;
const ASSET_DETAIL = `must be a whole number from 0 to ${MAX_INT64}, in digits alone`;

/** What `update-asset` is asked. */
export interface UpdateRequest {
  readonly asset: bigint;
  /** Undefined: today in Asia/Seoul. */
  readonly day: string | undefined;
}

/** The body of a success; its members come in this order. */
export function success(message: string, data: object): string {
  return stringifyExact({ resultCode: 'S', message, data });
}

/** The body of a refusal: what is wrong, each member by its name. */
export function failure(error: GatehouseError): string {
  const message =
    error.fields.length === 0
      ? error.message
      : error.fields.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ');
  return stringifyExact({ resultCode: 'F', message, data: null });
}

/** @throws `common.invalid_input` when the text is not a signed 64-bit integer in plain digits. */
export function readUserId(text: string): bigint {
  const userId = INTEGER.test(text) ? BigInt(text) : undefined;
  if (userId === undefined || BigInt.asIntN(64, userId) !== userId || text === '-0') {
    throw invalid([{ pointer: '/userId', detail: 'must be a 64-bit integer' }]);
  }
  return userId;
}

/**
 * Reads the body of `update-asset`. Members that the wire does not know are ignored, as the original
 * does; `snapshotDay` may be null.
 *
 * @throws `common.invalid_input` naming each member that is invalid.
 */
export function readUpdate(body: unknown): UpdateRequest {
  const request = readObject(body);
  const faults: FieldViolation[] = [];
  const asset = readAsset(request.asset);
  if (asset === undefined) faults.push({ pointer: '/asset', detail: ASSET_DETAIL });
  const { snapshotDay: day = null } = request;
  const isGoodDay = day === null || (typeof day === 'string' && isDay(day));
  if (!isGoodDay) faults.push({ pointer: '/snapshotDay', detail: 'must be a day: "2026-11-26"' });
  if (asset === undefined || !isGoodDay) throw invalid(faults);
  return { asset, day: day ?? undefined };
}

function readObject(body: unknown): Readonly<Record<string, ExactJson | undefined>> {
  let value: ExactJson = null;
  try {
    value = parseExact(typeof body === 'string' ? body : '');
  } catch (cause) {
    throw invalid([{ pointer: '/body', detail: 'must be JSON, each member once' }], cause);
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || value instanceof ExactNumber) {
    throw invalid([{ pointer: '/body', detail: 'must be a JSON object' }]);
  }
  return value as Readonly<Record<string, ExactJson | undefined>>;
}

function readAsset(value: ExactJson | undefined): bigint | undefined {
  if (!(value instanceof ExactNumber) || !INTEGER.test(value.text)) return undefined;
  const asset = BigInt(value.text);
  return asset >= 0n && asset <= MAX_INT64 && value.text !== '-0' ? asset : undefined;
}

function invalid(fields: readonly FieldViolation[], cause?: unknown): GatehouseError {
  return commonErrors.INVALID_INPUT({ fields, ...(cause === undefined ? {} : { cause }) });
}
