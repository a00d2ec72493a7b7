/** Name of the metadata that carries the passport. */
export const PASSPORT_METADATA = 'txn-token';
