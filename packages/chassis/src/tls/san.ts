/**
 * Reads the URI names of a certificate from its DER bytes.
 *
 * Node offers the subject alternative names as one line of text, in which a DNS name may hold
 * `, URI:spiffe://…`. An identity must not hang on the quoting of a text, so the bytes are read.
 * Source: RFC 5280, sections 4.1 and 4.2.1.6.
 */

const SEQUENCE = 0x30;
const OBJECT_ID = 0x06;
const OCTET_STRING = 0x04;
/** `[3]` of TBSCertificate. */
const EXTENSIONS = 0xa3;
/** `[6] IA5String` of GeneralName. */
const URI_NAME = 0x86;
/** 2.5.29.17 */
const SUBJECT_ALT_NAME = Buffer.from([0x55, 0x1d, 0x11]);

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/**
 * The URI names of a certificate, in its order.
 *
 * @param certificate - DER, as `PeerCertificate.raw` and `X509Certificate.raw` hold it.
 * @returns an empty list when it has none.
 * @throws Error when the bytes are no certificate, or hold the extension twice.
 */
export function uriNamesOf(certificate: Buffer): readonly string[] {
  const [outer] = elementsOf(certificate);
  const [body] = elementsOf(contentOf(outer, SEQUENCE));
  const wrapper = elementsOf(contentOf(body, SEQUENCE)).find(({ tag }) => tag === EXTENSIONS);
  if (wrapper === undefined) return [];
  const extensions = elementsOf(contentOf(elementsOf(wrapper.content)[0], SEQUENCE));
  const found = extensions
    .map((extension) => elementsOf(contentOf(extension, SEQUENCE)))
    .filter(([id]) => contentOf(id, OBJECT_ID).equals(SUBJECT_ALT_NAME));
  if (found.length > 1) throw new Error('the certificate names its subject twice');
  const value = found[0]?.at(-1);
  if (value === undefined) return [];
  const names = elementsOf(contentOf(value, OCTET_STRING))[0];
  return elementsOf(contentOf(names, SEQUENCE))
    .filter(({ tag }) => tag === URI_NAME)
    .map(({ content }) => content.toString('latin1'));
}

function contentOf(element: Element | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new Error('the certificate is not as X.509 says');
  return element.content;
}

function elementsOf(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const { tag, start, end } = headerAt(bytes, offset);
    elements.push({ tag, content: bytes.subarray(start, end) });
    offset = end;
  }
  return elements;
}

function headerAt(bytes: Buffer, offset: number): { tag: number; start: number; end: number } {
  const tag = bytes[offset] ?? 0;
  const first = bytes[offset + 1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + lengthBytes;
  // Lengths of more than three bytes would be certificates above 16 MB; 0x80 is not DER.
  if (first === 0x80 || lengthBytes > 3 || start > bytes.length) throw new Error('bad DER length');
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes);
  if (start + length > bytes.length) throw new Error('bad DER length');
  return { tag, start, end: start + length };
}
