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

/** Room for the longest signature in DER, used over and over. */
const derArea = Buffer.allocUnsafeSlow(8 + 2 * SIZE);

/**
 * Raw to DER.
 *
 * @returns good until the next call; undefined when it is not 64 bytes, or r or s is not within 1 and
 *   n - 1 (CVE-2022-21449: a verifier that takes zero takes everything).
 */
export function rawToDer(raw: Buffer): Buffer | undefined {
  if (raw.length !== 2 * SIZE) return undefined;
  if (!isInRange(raw, 0) || !isInRange(raw, SIZE)) return undefined;
  const end = writeInteger(raw, SIZE, writeInteger(raw, 0, 2));
  derArea[0] = SEQUENCE;
  derArea[1] = end - 2;
  return derArea.subarray(0, end);
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

/** Whether the number of 32 bytes that begins here is within 1 and n - 1. */
function isInRange(raw: Buffer, start: number): boolean {
  for (let at = 0; at < SIZE; at++) {
    const byte = raw[start + at] ?? 0;
    const limit = ORDER[at] ?? 0;
    // The first byte that differs decides; only then can it be zero.
    if (byte < limit) return !isZero(raw, start);
    if (byte > limit) return false;
  }
  return false;
}

function isZero(raw: Buffer, start: number): boolean {
  return firstSignificant(raw, start) === start + SIZE;
}

/** Index of the first byte that is not zero, or of the end of the number. */
function firstSignificant(raw: Buffer, start: number): number {
  let at = start;
  while (at < start + SIZE && raw[at] === 0) at++;
  return at;
}

/** Writes one number as a DER integer, without leading zeros; returns where it ends. */
function writeInteger(raw: Buffer, start: number, target: number): number {
  const from = firstSignificant(raw, start);
  // One byte more where the first bit would read as a sign.
  const sign = (raw[from] ?? 0) >= 0x80 ? 1 : 0;
  const length = start + SIZE - from + sign;
  derArea[target] = INTEGER;
  derArea[target + 1] = length;
  derArea[target + 2] = 0;
  let to = target + 2 + sign;
  for (let at = from; at < start + SIZE; at++) derArea[to++] = raw[at] ?? 0;
  return to;
}

function readInteger(source: Buffer, target: Buffer): void {
  const significant = source.length > SIZE ? source.subarray(source.length - SIZE) : source;
  significant.copy(target, SIZE - significant.length);
}
