/**
 * The head of a request on its way out. It is rewritten from its parts, and each part that comes
 * from elsewhere is judged here once more: nothing that could end a line early, or be read as another
 * header, is ever sent.
 *
 * Source: RFC 9110, sections 5.1, 5.5 and 9.1; RFC 9112, sections 3 and 6.
 */
import { wireErrors } from '../errors.ts';
import { isFieldValue, isToken } from '../fields/field-writer.ts';
import { remembered } from '../remembered.ts';

// Begins with a slash and has no blank, control or fragment; `*` is for OPTIONS.
const TARGET = /^(?:\/[\x21\x22\x24-\x7e]*|\*)$/;
/** What this module writes itself, or what no request here may have. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);
/** Methods for which a body is expected, so that none is said to be none (RFC 9110, section 8.6). */
const EXPECT_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** A request, as its head says it. */
export interface RequestParts {
  readonly method: string;
  /** Origin-form. */
  readonly target: string;
  /**
   * Names and values in turn, `Host` among them; nothing hop-by-hop, no framing. `Connection`,
   * `Content-Length`, `Transfer-Encoding`, `Expect` and `Upgrade` are added here.
   */
  readonly headers: readonly string[];
  /**
   * Whole lines that follow `headers`, as they are: only what this process made itself, of letters and
   * digits that no client chose. They are not judged once more.
   */
  readonly ownLines?: string;
  /** Its length in bytes; undefined: sent in chunks. */
  readonly body: { readonly length: number | undefined } | undefined;
  /** Asks the server with `Expect: 100-continue`. */
  readonly expectContinue: boolean;
  /** The protocol to change to: `websocket`. Never together with a body. */
  readonly upgrade: string | undefined;
}

/**
 * Writes the head of a request.
 *
 * @returns the head with its empty line, to be written as Latin-1.
 * @throws GatehouseError `gateway.framing` when a part is not what it must be, a header is one that
 * is written here, or `Host` is not there exactly once.
 */
export function requestHead(request: RequestParts): string {
  const { method, target, headers, ownLines = '' } = request;
  if (!isToken(method) || method === 'CONNECT' || !TARGET.test(target)) {
    throw wireErrors.FRAMING();
  }
  let head = `${method} ${target} HTTP/1.1\r\n`;
  let values = '';
  let hosts = 0;
  for (let index = 0; index < headers.length; index += 2) {
    const { front, isHost } = nameOf(headers[index] as string);
    const value = headers[index + 1];
    if (value === undefined) throw wireErrors.FRAMING();
    if (isHost) hosts += 1;
    head += `${front}${value}\r\n`;
    values += value;
  }
  // All at once: that takes half as long as each by itself.
  if (hosts !== 1 || !isFieldValue(values)) throw wireErrors.FRAMING();
  return `${head}${ownLines}${framing(request)}\r\n`;
}

/** A name that may stand in a head, with what follows it there. */
interface Name {
  readonly front: string;
  readonly isHost: boolean;
}

const nameOf = remembered(1000, (name): Name => {
  const lower = name.toLowerCase();
  if (!isToken(name) || OURS.has(lower)) throw wireErrors.FRAMING();
  return { front: `${name}: `, isHost: lower === 'host' };
});

function framing(request: RequestParts): string {
  const { body, upgrade } = request;
  if (upgrade !== undefined) {
    if (body !== undefined || !isToken(upgrade)) throw wireErrors.FRAMING();
    return `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
  }
  if (body === undefined) return EXPECT_BODY.has(request.method) ? 'Content-Length: 0\r\n' : '';
  const expect = request.expectContinue ? 'Expect: 100-continue\r\n' : '';
  if (body.length === undefined) return `Transfer-Encoding: chunked\r\n${expect}`;
  if (!Number.isSafeInteger(body.length) || body.length < 0) throw wireErrors.FRAMING();
  return `Content-Length: ${body.length}\r\n${expect}`;
}
