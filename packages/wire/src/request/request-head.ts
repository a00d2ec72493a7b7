/** The head of a request, read once: what decides, and what may be passed on. */
import { wireErrors } from '../errors.ts';
import { fieldName, nominated } from '../fields/field-names.ts';

/** A request as it was framed, as far as its head goes. */
export interface FramedHead {
  /** Names and values in turn, in order, names as sent. Repeated headers are not joined. */
  readonly rawHeaders: readonly string[];
  /** `2.0`, `1.1`, `1.0`, or what a client made up. */
  readonly httpVersion: string;
  /** Whether a body follows, announced in headers or, as HTTP/2 can, in no header at all. */
  readonly hasBody: boolean;
}

/** What a head says. */
export interface RequestHead {
  /** As sent, and well-formed. Absent in HTTP/1.0 only. */
  readonly host: string | undefined;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly hasBody: boolean;
  /** Bytes of the body, as announced; undefined: not announced, or there is none. */
  readonly lengthBytes: number | undefined;
  readonly expectsContinue: boolean;
  /** As sent. */
  readonly upgrade: string | undefined;
  /** W3C Trace Context of the client. Untrusted, and its shape is not checked here. */
  readonly traceparent: string | undefined;
  /** True when a proxy says that it stands between; one that says nothing is not noticed. */
  readonly throughProxy: boolean;
  /** Names and values in turn, as sent: what an upstream may see of them. */
  readonly passed: string[];
}

/** A head while it is read: by fate, so that all have one shape. */
class Draft {
  authorization: string | undefined;
  'content-encoding': string | undefined;
  'content-length': string | undefined;
  'content-type': string | undefined;
  expect: string | undefined;
  host: string | undefined;
  traceparent: string | undefined;
  'transfer-encoding': string | undefined;
  upgrade: string | undefined;
  connection = '';
  throughProxy = false;
  readonly passed: string[] = [];
}

const VERSIONS: ReadonlySet<string> = new Set(['1.0', '1.1', '2.0']);
const MAX_HEADERS = 100;
const USUAL_CONNECTION = /^(?:keep-alive|close|upgrade)?$/i;
// uri-host [":" port]: a name, an IPv4 address or a bracketed IPv6 one.
const HOST = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const LENGTH = /^(?:0|[1-9][0-9]{0,14})$/;

/**
 * Reads a head, the same for every kind of route.
 *
 * Of what the client sent, an upstream sees neither hop-by-hop headers nor any that stands for us,
 * for the client's address or for another request, in any spelling (`field-names.ts`). A header that
 * `Connection` names is dropped, unless it is for the other end or ours: then the request is refused,
 * since the client would take away what is not its to take (CVE-2022-31813).
 *
 * Not decided here, but by the route: whether an encoded body, an upgrade or any body is taken.
 *
 * Source: RFC 9110, sections 5.3, 7.6.1 and 10.1.1; RFC 9112, sections 3.2 and 6.
 *
 * @throws GatehouseError `gateway.framing`, `gateway.duplicate_header`, `gateway.host`,
 * `gateway.length_and_encoding`, `gateway.transfer_encoding`, `gateway.content_length`,
 * `gateway.expect`, `gateway.connection`, `gateway.headers_too_large`.
 */
export function readHead({ rawHeaders, httpVersion, hasBody }: FramedHead): RequestHead {
  if (!VERSIONS.has(httpVersion)) throw wireErrors.FRAMING();
  if (rawHeaders.length > MAX_HEADERS * 2) throw wireErrors.HEADERS_TOO_LARGE();
  const draft = collect(rawHeaders);
  const { expect, host, connection } = draft;
  if (host === undefined ? httpVersion !== '1.0' : !HOST.test(host)) throw wireErrors.HOST();
  const length = draft['content-length'];
  const announced = announcesBody(length, draft['transfer-encoding'], httpVersion);
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') throw wireErrors.EXPECT();
  return {
    host,
    authorization: draft.authorization,
    contentType: draft['content-type'],
    contentEncoding: draft['content-encoding'],
    hasBody: announced || (httpVersion === '2.0' && hasBody),
    lengthBytes: length === undefined ? undefined : Number(length),
    // RFC 9110, section 10.1.1: an expectation of HTTP/1.0 is not one.
    expectsContinue: expect !== undefined && httpVersion !== '1.0',
    upgrade: draft.upgrade,
    traceparent: draft.traceparent,
    throughProxy: draft.throughProxy,
    passed: USUAL_CONNECTION.test(connection)
      ? draft.passed
      : withoutNominated(draft.passed, connection),
  };
}

function collect(rawHeaders: readonly string[]): Draft {
  const draft = new Draft();
  const { passed } = draft;
  let once = '';
  let cookieAt = -1;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const { lower, fate } = fieldName(name);
    switch (fate) {
      case 'pass':
        passed.push(name, value);
        break;
      case 'drop':
        break;
      case 'proxy':
        draft.throughProxy = true;
        break;
      case 'once':
        // Two of these would let two readers pick a different one.
        if (once.includes(`${lower},`)) throw wireErrors.DUPLICATE_HEADER();
        once += `${lower},`;
        passed.push(name, value);
        break;
      case 'cookie':
        if (cookieAt === -1) cookieAt = passed.push(name, value) - 1;
        else passed[cookieAt] += `; ${value}`;
        break;
      case 'connection':
        draft.connection = draft.connection === '' ? value : `${draft.connection},${value}`;
        break;
      case 'content-type':
      case 'content-encoding':
        if (draft[fate] !== undefined) throw wireErrors.DUPLICATE_HEADER();
        draft[fate] = value;
        passed.push(name, value);
        break;
      default:
        if (draft[fate] !== undefined) throw wireErrors.DUPLICATE_HEADER();
        draft[fate] = value;
    }
  }
  return draft;
}

function withoutNominated(passed: readonly string[], connection: string): string[] {
  const dropped = new Set<string>();
  for (const part of connection.split(',')) {
    const name = part.trim().toLowerCase();
    if (name === '') continue;
    const fate = nominated(name);
    if (fate === 'end') throw wireErrors.CONNECTION();
    if (fate === 'pass') dropped.add(name);
  }
  if (dropped.size === 0) return [...passed];
  return passed.filter(
    (_, index) => !dropped.has((passed[index - (index % 2)] as string).toLowerCase()),
  );
}

function announcesBody(
  length: string | undefined,
  encoding: string | undefined,
  httpVersion: string,
): boolean {
  if (length !== undefined && encoding !== undefined) throw wireErrors.LENGTH_AND_ENCODING();
  if (encoding !== undefined) {
    // A 1.0 hop before us would not have understood it, so the two would disagree on the end.
    if (httpVersion === '1.0' || encoding.toLowerCase() !== 'chunked') {
      throw wireErrors.TRANSFER_ENCODING();
    }
    return true;
  }
  if (length === undefined) return false;
  if (!LENGTH.test(length)) throw wireErrors.CONTENT_LENGTH();
  return length !== '0';
}

/** The methods that resources here can have. */
export type Verb = (typeof VERBS)[number];

const VERBS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** @returns whether a method is one that a resource here can have; its case matters. */
export function isVerb(method: string): method is Verb {
  return (VERBS as readonly string[]).includes(method);
}

/** The values of one header, in order; for what is needed before a request is judged. */
export function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  );
}

/** The first value of one header, for what only has to be found, and is judged later. */
export function firstValue(rawHeaders: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const candidate = rawHeaders[index] as string;
    if (candidate.length === name.length && candidate.toLowerCase() === name) {
      return rawHeaders[index + 1];
    }
  }
  return undefined;
}

/** The only value of one header; undefined when there is none, or more than one. */
export function onlyValue(rawHeaders: readonly string[], name: string): string | undefined {
  const [value, ...others] = valuesOf(rawHeaders, name);
  return others.length === 0 ? value : undefined;
}
