/** What the compared gateways have in common. */

/** What a gateway is told. */
export interface Place {
  /** Of its own: it writes its files there. */
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  readonly upstreamPort: number;
  /** Keys of the issuer, as a key set and as PEM. */
  readonly jwksFile: string;
  readonly pemFile: string;
  /** A private key set, for those who sign tokens of their own. */
  readonly signingKeysFile: string;
  /** Certificate and key of 127.0.0.1, for those who listen with TLS. */
  readonly tls: { readonly certFile: string; readonly keyFile: string };
}

/** What a gateway is started by, once its files are written. */
export interface Start {
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** A gateway as one process on one core, set up as its own documentation says. */
export interface Peer {
  readonly start: (place: Place) => Start | Promise<Start>;
  /** Listens with TLS. */
  readonly isTls?: boolean;
  /** Where to get it, when it does not start. */
  readonly hint?: string;
}

/** More than any bench does in a second, for limits that are not measured. */
export const NO_LIMIT = 1_000_000;
