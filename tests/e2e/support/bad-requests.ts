/** What is bad about a request whatever its method is: its bytes, its size, its path, its JSON. */
import { bodyWith, type EdgeMethod, goodBody, lineOf, membersOf } from './bad-samples.ts';
import type { RawRequest } from './raw-http.ts';

/** A bad request and how it must be refused. */
export interface BadCase {
  readonly name: string;
  readonly request: RawRequest;
  readonly status: number;
  /** Absent: the service's own. */
  readonly code?: string;
  /** JSON Pointers that the answer must name; no others, unless `andOthers`. */
  readonly at?: readonly string[];
  readonly andOthers?: boolean;
}

/** The header of a JSON body. */
export const JSON_TYPE = 'Content-Type: application/json';

const TEN_MEGABYTES = 10 * 1024 * 1024;

/** Bad heads, targets and sizes: of every method. */
export function badWires(method: EdgeMethod): readonly BadCase[] {
  const line = lineOf(method);
  const body = method.http.body === '' ? undefined : JSON.stringify(goodBody(method));
  const good: RawRequest = { line, headers: [JSON_TYPE], ...(body === undefined ? {} : { body }) };
  const withHeaders = (headers: readonly string[]): RawRequest => ({
    ...good,
    headers: [JSON_TYPE, ...headers],
  });
  const [verb, path = ''] = line.split(' ');
  const wire = (name: string, request: RawRequest, status: number, code: string): BadCase => ({
    name,
    request,
    status,
    code: `gateway.${code}`,
  });
  return [
    wire(
      '100 kB in one header',
      withHeaders([`X-A: ${'a'.repeat(100_000)}`]),
      431,
      'headers_too_large',
    ),
    wire('5000 headers', withHeaders(many(5000)), 431, 'headers_too_large'),
    wire('150 small headers', withHeaders(many(150)), 431, 'headers_too_large'),
    wire('a header without a colon', withHeaders(['nonsense']), 400, 'framing'),
    wire('NUL in a header', withHeaders(['X-A: a\0b']), 400, 'framing'),
    wire('two Content-Types', withHeaders([JSON_TYPE]), 400, 'duplicate_header'),
    wire(
      'a path of 9000 characters',
      { ...good, line: `${line}?${'a'.repeat(9000)}` },
      431,
      'headers_too_large',
    ),
    wire(
      'a byte in the path that is no ASCII',
      { ...good, line: `${verb} ${path}\xff` },
      400,
      'framing',
    ),
    wire('invalid UTF-8 in the path', { ...good, line: `${verb} ${path}%FF` }, 400, 'invalid_utf8'),
    wire(
      'invalid UTF-8 in the query',
      { ...good, line: `${verb} ${path}?a=%C0%80` },
      400,
      'invalid_utf8',
    ),
    wire('an encoded NUL', { ...good, line: `${verb} ${path}%00` }, 400, 'encoded_delimiter'),
    wire('a query without names', { ...good, line: `${verb} ${path}?=1` }, 400, 'query'),
    ...(method.http.body === '' ? unwantedBodies(good) : badBodies(method, good)),
  ];
}

function many(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `X-${index}: ${index}`);
}

function unwantedBodies(good: RawRequest): readonly BadCase[] {
  const [status, code] = [400, 'gateway.body_unexpected'];
  const large = Buffer.alloc(TEN_MEGABYTES, 'a');
  return [
    { name: 'a body', request: { ...good, body: '{}' }, status, code },
    { name: 'a body of 10 MB', request: { ...good, body: large }, status, code },
    { name: '10 MB unannounced', request: { ...good, body: large, chunked: true }, status, code },
  ];
}

function badBodies(method: EdgeMethod, good: RawRequest): readonly BadCase[] {
  const large = Buffer.alloc(TEN_MEGABYTES, ' ');
  const text = JSON.stringify(goodBody(method));
  const [first] = membersOf(method);
  const json = (name: string, body: string | Uint8Array, at: readonly string[] = []): BadCase => ({
    name,
    request: { ...good, body },
    status: 400,
    code: 'gateway.json',
    at,
  });
  const other = (
    name: string,
    part: Partial<RawRequest>,
    status: number,
    code: string,
  ): BadCase => ({
    name,
    request: { ...good, ...part },
    status,
    code: `gateway.${code}`,
  });
  const member = first === undefined ? '' : (first.path[0] ?? '');
  const inMember = (raw: string): string =>
    first === undefined ? raw : bodyWith(method, first, raw);
  return [
    other('10 MB', { body: large }, 413, 'body_too_large'),
    other('10 MB unannounced', { body: large, chunked: true }, 413, 'body_too_large'),
    other('no Content-Type', { headers: [] }, 415, 'media_type'),
    other('text', { headers: ['Content-Type: text/plain'] }, 415, 'media_type'),
    other(
      'latin1',
      { headers: ['Content-Type: application/json; charset=latin1'] },
      415,
      'media_type',
    ),
    other('gzip', { headers: [JSON_TYPE, 'Content-Encoding: gzip'] }, 415, 'media_type'),
    other('bytes that are no UTF-8', { body: latin1(inMember('"\xff\xfe"')) }, 400, 'invalid_utf8'),
    other('an overlong NUL', { body: latin1(inMember('"\xc0\x80"')) }, 400, 'invalid_utf8'),
    other(
      'a surrogate in UTF-8',
      { body: latin1(inMember('"\xed\xa0\x80"')) },
      400,
      'invalid_utf8',
    ),
    json('half an object', text.slice(0, -1)),
    json('a comma too many', `${text.slice(0, -1)},}`),
    json('two objects', `${text}${text}`),
    json('no JSON at all', '<xml/>'),
    json('a comment', `/* hello */${text}`),
    json('NaN', inMember('NaN')),
    json('a raw NUL in a string', inMember('"\0"')),
    json('a byte order mark', Buffer.from(`\ufeff${text}`), ['']),
    json('a list', '[]', ['']),
    json('a string', '"text"', ['']),
    json('null', 'null', ['']),
    json('lists in lists, 200 deep', inMember(nested(200, '[', ']')), ['']),
    json('lists in lists, 400,000 deep', inMember(nested(400_000, '[', ']')), ['']),
    json('objects in objects, 150,000 deep', inMember(nested(150_000, '{"a":', '}')), ['']),
    json('a member that comes twice', `{"${member}":1,"${member}":2}`, [`/${member}`]),
  ];
}

function nested(depth: number, open: string, close: string): string {
  const inner = open.startsWith('{') ? '1' : '';
  return `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
