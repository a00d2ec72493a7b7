import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH_BYTES = 22;
const STORED = 0;
const DEFLATED = 8;

/**
 * Reads one file out of a ZIP archive, which is what a jar is (PKWARE APPNOTE 6.3.10).
 *
 * Not read: encrypted or split archives, ZIP64. Not checked: the CRC; check the archive's hash.
 *
 * @param archive - the whole archive.
 * @param name - path inside it, with slashes.
 * @throws Error when there is no such entry, or the archive is of a kind not read here.
 */
export function readZipEntry(archive: Buffer, name: string): Buffer {
  const end = endOfDirectory(archive);
  let offset = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(offset) !== DIRECTORY_ENTRY) break;
    const nameLength = archive.readUInt16LE(offset + 28);
    const entryName = archive.toString('utf8', offset + 46, offset + 46 + nameLength);
    if (entryName === name) return contentOf(archive, offset);
    const extraLength = archive.readUInt16LE(offset + 30);
    offset += 46 + nameLength + extraLength + archive.readUInt16LE(offset + 32);
  }
  throw new Error(`the archive has no entry ${name}`);
}

function contentOf(archive: Buffer, directoryEntry: number): Buffer {
  const method = archive.readUInt16LE(directoryEntry + 10);
  const length = archive.readUInt32LE(directoryEntry + 20);
  const header = archive.readUInt32LE(directoryEntry + 42);
  // The lengths of name and extra field in the local header are its own.
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const bytes = archive.subarray(start, start + length);
  if (method === STORED) return Buffer.from(bytes);
  if (method === DEFLATED) return inflateRawSync(bytes);
  throw new Error(`the archive uses compression method ${method}, which is not read here`);
}

function endOfDirectory(archive: Buffer): number {
  // It stands last, before a comment of unknown length.
  for (let offset = archive.length - END_LENGTH_BYTES; offset >= 0; offset -= 1) {
    if (archive.readUInt32LE(offset) === END_OF_DIRECTORY) return offset;
  }
  throw new Error('this is not a ZIP archive');
}
