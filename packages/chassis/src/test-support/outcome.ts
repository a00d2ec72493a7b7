/** How a call ended, in one line that a test compares. */
import assert from 'node:assert/strict';
import { GatehouseError } from '@gatehouse/errors';

/** `ok`, or the kind and the code of the refusal: `PERMISSION_DENIED access.caller`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    assert.ok(error instanceof GatehouseError, String(error));
    return `${error.kind} ${error.code}`;
  }
}
