/** The head of a request on a foreign route, read once: what decides, and what is passed on. */
import { edgeErrors } from '../errors.ts';
import { checkFraming, checkHost, MAX_HEADERS, VERSIONS } from '../receive/headers.ts';
import type { Incoming } from '../receive/seam.ts';
import { headerName, nominated } from './header-names.ts';

/** What a head says. */
export interface RequestHead {
  readonly host: string | undefined;
  readonly authorization: string | undefined;
  readonly hasBody: boolean;
  /** Bytes of the body, as announced; undefined: not announced, or there is none. */
  readonly lengthBytes: number | undefined;
  readonly expectsContinue: boolean;
  /** As sent. */
  readonly upgrade: string | undefined;
  /** Names and values in turn, as sent: what an upstream may see of them. */
  readonly passed: string[];
}

/** A head while it is read. */
interface Draft {
  host?: string;
  authorization?: string;
  'content-length'?: string;
  'transfer-encoding'?: string;
  connection?: string;
  expect?: string;
  upgrade?: string;
}

const USUAL_CONNECTION = /^(?:keep-alive|close|upgrade)?$/i;

/**
 * Reads a head.
 *
 * Of what the client sent, an upstream sees neither hop-by-hop headers nor any that stands for us,
 * for the client's address or for another request, in any spelling (`header-names.ts`). A header that
 * `Connection` names is dropped, unless it is for the other end or ours: then the request is refused,
 * since the client would take away what is not its to take (CVE-2022-31813). An encoded body is
 * passed on as it is.
 *
 * @throws GatehouseError `gateway.framing`, `gateway.duplicate_header`, `gateway.host`,
 * `gateway.length_and_encoding`, `gateway.transfer_encoding`, `gateway.content_length`,
 * `gateway.expect`, `gateway.connection`, `gateway.headers_too_large`.
 */
export function readRequestHead(incoming: Incoming): RequestHead {
  const { rawHeaders, httpVersion } = incoming;
  if (!VERSIONS.has(httpVersion)) throw edgeErrors.FRAMING();
  if (rawHeaders.length > MAX_HEADERS * 2) throw edgeErrors.HEADERS_TOO_LARGE();
  const draft: Draft = {};
  const passed = collect(rawHeaders, draft);
  checkHost(draft.host, httpVersion);
  const length = draft['content-length'];
  const announced = checkFraming(length, draft['transfer-encoding'], httpVersion);
  const { expect, connection = '' } = draft;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') throw edgeErrors.EXPECT();
  return {
    host: draft.host,
    authorization: draft.authorization,
    hasBody: announced || (httpVersion === '2.0' && incoming.hasBody),
    lengthBytes: length === undefined ? undefined : Number(length),
    // RFC 9110, section 10.1.1: an expectation of HTTP/1.0 is not one.
    expectsContinue: expect !== undefined && httpVersion !== '1.0',
    upgrade: draft.upgrade,
    passed: USUAL_CONNECTION.test(connection) ? passed : withoutNominated(passed, connection),
  };
}

function collect(rawHeaders: readonly string[], draft: Draft): string[] {
  const passed: string[] = [];
  let once = '';
  let cookieAt = -1;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const { lower, fate } = headerName(name);
    switch (fate) {
      case 'pass':
        passed.push(name, value);
        break;
      case 'drop':
        break;
      case 'once':
        // Two of these would let two readers pick a different one.
        if (once.includes(`${lower},`)) throw edgeErrors.DUPLICATE_HEADER();
        once += `${lower},`;
        passed.push(name, value);
        break;
      case 'cookie':
        if (cookieAt === -1) cookieAt = passed.push(name, value) - 1;
        else passed[cookieAt] += `; ${value}`;
        break;
      case 'connection':
        draft.connection = draft.connection === undefined ? value : `${draft.connection},${value}`;
        break;
      default:
        if (draft[fate] !== undefined) throw edgeErrors.DUPLICATE_HEADER();
        draft[fate] = value;
    }
  }
  return passed;
}

function withoutNominated(passed: readonly string[], connection: string): string[] {
  const dropped = new Set<string>();
  for (const part of connection.split(',')) {
    const name = part.trim().toLowerCase();
    if (name === '') continue;
    const fate = nominated(name);
    if (fate === 'end') throw edgeErrors.CONNECTION();
    if (fate === 'pass') dropped.add(name);
  }
  if (dropped.size === 0) return [...passed];
  return passed.filter(
    (_, index) => !dropped.has((passed[index - (index % 2)] as string).toLowerCase()),
  );
}
