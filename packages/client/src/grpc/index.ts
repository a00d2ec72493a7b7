/** Typed gRPC clients of other services, and the parts of the wire that client and server share. */
export { createServiceClient } from './client.ts';
export type { CallOptions, ClientMethod, ServiceClient } from './client-types.ts';
export { MutualTlsChannelCredentials, type PeerTls } from './credentials.ts';
export { PASSPORT_METADATA } from './names.ts';
export { metadataCarrier } from './propagation.ts';
export { decodeStatus, encodeStatus, type PlainStatus, STATUS_TRAILER } from './status.ts';
export { type ClientOptions, createUpstream, type Upstream } from './upstream.ts';
