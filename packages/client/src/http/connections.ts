/** Connections to one endpoint of an HTTP target. */
import { Agent, type RequestOptions } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';

/** Mutual TLS to exactly one workload. */
export interface HttpPeer {
  /** Asked for each connection. The chassis' `TlsFiles` is one. */
  readonly tls: { connectOptions(serverSpiffeId: string): ConnectionOptions };
  /** Who must respond. */
  readonly spiffeId: string;
}

/** One endpoint. */
export interface HttpEndpoint {
  readonly isSecure: boolean;
  /** Host, port and agent of each request. */
  readonly where: RequestOptions;
  /** Path that all paths begin with; empty for the root. */
  readonly basePath: string;
  close(): void;
}

const MOST_CONNECTIONS = 64;

/**
 * Makes an endpoint of its base URL. Connections are kept and used again; an idle one keeps no process alive.
 *
 * @throws TypeError when the URL is neither `http:` nor `https:`, has credentials, or is `http:` where a peer has
 *   to prove who it is.
 */
export function createEndpoint(address: string | URL, peer: HttpPeer | undefined): HttpEndpoint {
  const url = new URL(address);
  const isSecure = url.protocol === 'https:';
  if (!isSecure && url.protocol !== 'http:') throw new TypeError('a target is http: or https:');
  if (url.username !== '' || url.password !== '') throw new TypeError('a URL holds no credentials');
  if (!isSecure && peer !== undefined) throw new TypeError('a peer proves itself over https: only');
  const agent = agentFor(isSecure, peer);
  return {
    isSecure,
    where: {
      // IPv6 has brackets in a URL and none in a socket.
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
      agent,
    },
    basePath: url.pathname.replace(/\/$/, ''),
    close: () => agent.destroy(),
  };
}

function agentFor(isSecure: boolean, peer: HttpPeer | undefined): Agent {
  const options = { keepAlive: true, maxSockets: MOST_CONNECTIONS };
  if (!isSecure) return new Agent(options);
  return peer === undefined ? new SecureAgent(options) : new PeerAgent(options, peer);
}

/** Takes the certificate from the files as they are for each connection, and no session of before. */
class PeerAgent extends SecureAgent {
  readonly #peer: HttpPeer;

  constructor(options: ConstructorParameters<typeof SecureAgent>[0], peer: HttpPeer) {
    super(options);
    this.#peer = peer;
  }

  override createConnection(options: object): Duplex {
    const { tls, spiffeId } = this.#peer;
    // A name for the server to see; what it must prove is its SPIFFE ID.
    return connect({
      ...(options as ConnectionOptions),
      ...tls.connectOptions(spiffeId),
      servername: 'localhost',
      ALPNProtocols: ['http/1.1'],
    });
  }
}
