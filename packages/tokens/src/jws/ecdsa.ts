/**
 * ECDSA P-256 signatures in their two forms: raw `r || s` as JWS carries them (RFC 7518, section
 * 3.4), and DER as OpenSSL makes and takes them. Done here because Node's own conversion
 * (`dsaEncoding: 'ieee-p1363'`) costs more than the rest of a verification.
 */

const SIZE = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** Order of the P-256 group (SEC 2, section 2.4.2). */
const ORDER = Buffer.from(
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  'hex',
);
const ZERO = Buffer.alloc(SIZE);

/**
 * Raw to DER.
 *
 * @returns undefined when it is not 64 bytes, or r or s is not within 1 and n - 1 (CVE-2022-21449:
 *   a verifier that takes zero takes everything).
 */
export function rawToDer(raw: Buffer): Buffer | undefined {
  if (raw.length !== 2 * SIZE) return undefined;
  const r = raw.subarray(0, SIZE);
  const s = raw.subarray(SIZE);
  if (!isInRange(r) || !isInRange(s)) return undefined;
  const rStart = firstSignificant(r);
  const sStart = firstSignificant(s);
  const rLength = derLength(r, rStart);
  const sLength = derLength(s, sStart);
  const der = Buffer.alloc(6 + rLength + sLength);
  der[0] = SEQUENCE;
  der[1] = 4 + rLength + sLength;
  writeInteger(der.subarray(2), r.subarray(rStart));
  writeInteger(der.subarray(4 + rLength), s.subarray(sStart));
  return der;
}

/**
 * DER, as OpenSSL makes it, to raw.
 *
 * @throws Error when it is no such signature; only a fault in this process can cause that.
 */
export function derToRaw(der: Buffer): Buffer {
  const rLength = der[3] ?? 0;
  const sAt = 4 + rLength;
  const sLength = der[sAt + 1] ?? 0;
  if (der[0] !== SEQUENCE || der[2] !== INTEGER || der[sAt] !== INTEGER) {
    throw new Error('not a DER signature');
  }
  if (der.length !== sAt + 2 + sLength) throw new Error('not a DER signature');
  const raw = Buffer.alloc(2 * SIZE);
  readInteger(der.subarray(4, sAt), raw.subarray(0, SIZE));
  readInteger(der.subarray(sAt + 2), raw.subarray(SIZE));
  return raw;
}

function isInRange(value: Buffer): boolean {
  return value.compare(ZERO) > 0 && value.compare(ORDER) < 0;
}

function firstSignificant(value: Buffer): number {
  let at = 0;
  while (value[at] === 0) at++;
  return at;
}

/** Bytes of the DER integer: one more where the first bit would read as a sign. */
function derLength(value: Buffer, start: number): number {
  return SIZE - start + ((value[start] ?? 0) >= 0x80 ? 1 : 0);
}

function writeInteger(target: Buffer, significant: Buffer): void {
  const sign = (significant[0] ?? 0) >= 0x80 ? 1 : 0;
  target[0] = INTEGER;
  target[1] = significant.length + sign;
  significant.copy(target, 2 + sign);
}

function readInteger(source: Buffer, target: Buffer): void {
  const significant = source.length > SIZE ? source.subarray(source.length - SIZE) : source;
  significant.copy(target, SIZE - significant.length);
}
