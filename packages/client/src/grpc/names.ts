/** Name of the metadata that carries the passport. */
export const PASSPORT_METADATA = 'txn-token';
/** Name of the metadata that carries the idempotency key, as the HTTP header is called. */
export const KEY_METADATA = 'idempotency-key';
