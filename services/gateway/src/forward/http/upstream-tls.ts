/** TLS towards one upstream, from files that are read again when they change. */
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type SecureContext,
} from 'node:tls';
import { checkServerIdentityFor } from '@gatehouse/chassis';
import { FollowedFiles } from '@gatehouse/runtime';
import type { UpstreamSettings } from '../../route/http-route.ts';
import type { Sweeper, Watched } from './sweeper.ts';

type TlsSettings = NonNullable<UpstreamSettings['tls']>;
type Name = 'ca' | 'cert' | 'key';

const LOOK_EVERY_MS = 5000;
let authoritiesHere: string[] | undefined;

/**
 * The server's certificate is always verified: against `ca`, or else the authorities that this
 * machine trusts, and for `serverName`, or else the host of the address. HTTP/1.1 is all that is
 * offered, TLS 1.2 the least.
 *
 * Every five seconds the files are looked at. New ones that cannot be read, or do not fit together,
 * are passed over until they do.
 */
export class UpstreamTls implements Watched {
  watchedAt = -1;
  readonly #settings: TlsSettings;
  readonly #sweeper: Sweeper;
  readonly #files: FollowedFiles<Record<Name, string | undefined>, SecureContext>;
  #lookedMs: number;

  /**
   * @param onChange - connections made from now on use other files.
   * @throws Error when a file cannot be read, or they do not fit together.
   */
  constructor(settings: TlsSettings, sweeper: Sweeper, onChange: () => void) {
    this.#settings = settings;
    this.#sweeper = sweeper;
    const { ca, cert, key } = settings;
    const paths = { ca, cert, key };
    this.#files = new FollowedFiles({ paths, parse: contextOf });
    this.#files.onChange(onChange);
    this.#lookedMs = sweeper.nowMs;
    if (Object.values(paths).some((path) => path !== undefined)) sweeper.add(this);
  }

  /** For a connection to an address of this host. */
  optionsFor(host: string): ConnectionOptions {
    const { serverName: name = host, spiffeId } = this.#settings;
    return {
      secureContext: this.#files.value,
      // SNI knows names only.
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity:
        spiffeId === undefined
          ? (_, certificate) => checkServerIdentity(name, certificate)
          : checkServerIdentityFor(spiffeId),
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    };
  }

  close(): void {
    this.#sweeper.remove(this);
    this.#files.close();
  }

  onTick(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return;
    this.#lookedMs = nowMs;
    this.#files.look();
  }
}

function contextOf({ ca, cert, key }: Readonly<Record<Name, Buffer | undefined>>): SecureContext {
  if (ca === undefined) authoritiesHere ??= trustedHere();
  return createSecureContext({
    ca: ca ?? authoritiesHere,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    minVersion: 'TLSv1.2',
  });
}

function trustedHere(): string[] {
  const ofSystem = getCACertificates('system');
  return ofSystem.length > 0 ? ofSystem : getCACertificates('default');
}
