/** TLS towards one upstream, from files that are read again when they change. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type SecureContext,
} from 'node:tls';
import { checkServerIdentityFor } from '@gatehouse/chassis';
import type { UpstreamSettings } from '../../routes/http-route.ts';
import type { Sweeper, Watched } from './sweeper.ts';

type TlsSettings = NonNullable<UpstreamSettings['tls']>;
type Material = Readonly<Record<'ca' | 'cert' | 'key', string | undefined>>;

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
  readonly #onChange: () => void;
  #material: Material;
  #context: SecureContext;
  #lookedMs: number;

  /**
   * @param onChange - connections made from now on use other files.
   * @throws Error when a file cannot be read, or they do not fit together.
   */
  constructor(settings: TlsSettings, sweeper: Sweeper, onChange: () => void) {
    this.#settings = settings;
    this.#sweeper = sweeper;
    this.#onChange = onChange;
    this.#material = readMaterial(settings);
    this.#context = contextOf(this.#material);
    this.#lookedMs = sweeper.nowMs;
    if (Object.values(this.#material).some((text) => text !== undefined)) sweeper.add(this);
  }

  /** For a connection to an address of this host. */
  optionsFor(host: string): ConnectionOptions {
    const { serverName: name = host, spiffeId } = this.#settings;
    return {
      secureContext: this.#context,
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
  }

  onTick(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return;
    this.#lookedMs = nowMs;
    try {
      const material = readMaterial(this.#settings);
      if (isSame(material, this.#material)) return;
      this.#context = contextOf(material);
      this.#material = material;
    } catch {
      // Written at this moment, or badly: the next look decides anew.
      return;
    }
    this.#onChange();
  }
}

function readMaterial({ ca, cert, key }: TlsSettings): Material {
  const read = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : readFileSync(path, 'utf8');
  return { ca: read(ca), cert: read(cert), key: read(key) };
}

function contextOf({ ca, cert, key }: Material): SecureContext {
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

function isSame(a: Material, b: Material): boolean {
  return a.ca === b.ca && a.cert === b.cert && a.key === b.key;
}
