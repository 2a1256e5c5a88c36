import { crc32 } from 'node:zlib';

/** What is no ZIP, or is one that this does not read. */
export class NoZip extends Error {
  override readonly name = 'NoZip';
}

const signatures = { local: 0x04034b50, entry: 0x02014b50, end: 0x06054b50, spanned: 0x08074b50 } as const;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
const replaced = new Set(['manifest.xml', 'recipients.xml']);

interface Entry {
  readonly name: string;
  /** Its row of the directory. */
  readonly row: Buffer;
  /** Where its bytes begin, header and all. */
  readonly at: number;
}

/**
 * Pure. A file with the manifest of its transfer in it, as Altinn 2's clients fetch it: entries of the name, and `recipients.xml`, go
 * wherever they lie, the manifest comes at the root, and all others stay byte for byte. No bytes at all make a ZIP of the manifest alone.
 * The file is held in memory; Altinn 2 takes 1 GiB.
 *
 * Throws NoZip. Source: compatibility.md, broker, §7.
 */
export function zipWithManifest(file: Buffer, manifest: Buffer): Buffer {
  const kept = file.length === 0 ? [] : entriesOf(file).filter(({ name }) => !replaced.has(baseOf(name)));
  const pieces: Buffer[] = [];
  const rows: Buffer[] = [];
  let at = 0;
  const put = (bytes: Buffer, row: Buffer): void => {
    const moved = Buffer.from(row);
    moved.writeUInt32LE(at, 42);
    rows.push(moved);
    pieces.push(bytes);
    at += bytes.length;
  };
  const ends = endsOf(file, kept);
  for (const [n, entry] of kept.entries()) put(file.subarray(entry.at, ends[n]), entry.row);
  const [local, row] = stored('manifest.xml', manifest);
  put(Buffer.concat([local, manifest]), row);
  const directory = Buffer.concat(rows);
  return Buffer.concat([...pieces, directory, endRecord(rows.length, directory.length, at)]);
}

function baseOf(name: string): string {
  return name.split(/[/\\]/).at(-1)!.toLowerCase();
}

function entriesOf(file: Buffer): Entry[] {
  const first = file.length < 4 ? 0 : file.readUInt32LE(0);
  if (first !== signatures.local && first !== signatures.end && first !== signatures.spanned) throw new NoZip('it does not begin as a ZIP');
  const end = findEnd(file);
  const count = file.readUInt16LE(end + 10);
  const start = file.readUInt32LE(end + 16);
  if (count === 0xffff || start === 0xffffffff) throw new NoZip('it is a ZIP64');
  const entries: Entry[] = [];
  for (let at = start; entries.length < count; ) {
    if (at + entryBytes > end || file.readUInt32LE(at) !== signatures.entry) throw new NoZip('its directory is torn');
    const nameBytes = file.readUInt16LE(at + 28);
    const length = entryBytes + nameBytes + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
    const from = file.readUInt32LE(at + 42);
    if (at + length > end || from + localBytes > start || file.readUInt32LE(from) !== signatures.local)
      throw new NoZip('its directory is torn');
    entries.push({
      name: file.toString('utf8', at + entryBytes, at + entryBytes + nameBytes),
      row: file.subarray(at, at + length),
      at: from,
    });
    at += length;
  }
  return entries;
}

/** The last record, behind which there may be a comment. */
function findEnd(file: Buffer): number {
  const earliest = Math.max(0, file.length - endBytes - 0xffff);
  for (let at = file.length - endBytes; at >= earliest; at--) if (file.readUInt32LE(at) === signatures.end) return at;
  throw new NoZip('it has no directory');
}

/** Where each entry's bytes end: where whatever comes next in the file begins, whether it is kept or not. */
function endsOf(file: Buffer, kept: readonly Entry[]): number[] {
  if (kept.length === 0) return [];
  const directory = file.readUInt32LE(findEnd(file) + 16);
  const starts = [...entriesOf(file).map(({ at }) => at), directory].sort((a, b) => a - b);
  return kept.map(({ at }) => starts.find((start) => start > at)!);
}

/** Header and row of an entry that is not compressed; the first moment that a ZIP can say. */
function stored(name: string, content: Buffer): readonly [Buffer, Buffer] {
  const local = Buffer.alloc(localBytes);
  local.writeUInt32LE(signatures.local, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(0x21, 12);
  local.writeUInt32LE(crc32(content), 14);
  local.writeUInt32LE(content.length, 18);
  local.writeUInt32LE(content.length, 22);
  local.writeUInt16LE(name.length, 26);
  const row = Buffer.alloc(entryBytes);
  row.writeUInt32LE(signatures.entry, 0);
  row.writeUInt16LE(20, 4);
  local.copy(row, 6, 4, localBytes);
  return [Buffer.concat([local, Buffer.from(name)]), Buffer.concat([row, Buffer.from(name)])];
}

function endRecord(count: number, directoryBytes: number, at: number): Buffer {
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(signatures.end, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(at, 16);
  return end;
}
