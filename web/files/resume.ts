import { Refusal, Unreachable } from '../api/ask.ts';

/** How much of a file the server has, of an upload that was begun somewhere. */
export interface Begun {
  readonly offset: number;
  readonly length: number;
  readonly fileName: string | null;
  readonly lastModified: number | null;
}

/** Pure. Pairs of a key and a value in base64, with commas between them. */
export function metadataIn(header: string): Map<string, string> {
  const pairs = header.split(',').flatMap((pair): [string, string][] => {
    const [key, value = ''] = pair.trim().split(/\s+/);
    if (!key) return [];
    try {
      return [[key, new TextDecoder().decode(Uint8Array.from(atob(value), (char) => char.charCodeAt(0)))]];
    } catch {
      return [];
    }
  });
  return new Map(pairs);
}

/** Pure. Whether a file that was chosen again is the one that was begun, as far as can be seen without reading it. */
export function isSameFile(begun: Begun | null, file: Pick<File, 'size' | 'name' | 'lastModified'>): boolean {
  if (begun === null) return true;
  return begun.length === file.size && (begun.lastModified === null || begun.lastModified === file.lastModified);
}

/** What another request holds is free soon, or it is not ours. */
const mostConflicts = 6;

/** Pure. Whether it is worth trying again by itself. */
export function passesOver(error: Error, failures: number): boolean {
  if (error instanceof Unreachable) return true;
  if (!(error instanceof Refusal)) return false;
  if (error.status === 423 || error.status === 409) return failures <= mostConflicts;
  return error.status >= 500 || error.status === 429 || error.status === 408;
}

/** How answers of resumable upload begin, which say no code: clients of it read a line of text. */
const lines = {
  'The requested file transfer was not found': 'BRO-00001',
  'A file transfer has already been': 'BRO-00004',
  'The resource needs to be registered': 'BRO-00005',
  'The checksum of uploaded file did not match': 'BRO-00009',
  'File size exceeds maximum': 'BRO-00016',
} as const;

/** Pure. The row of the catalogue that a line of text is from, where a person can meet it. */
export function rowOf(line: string): string | undefined {
  if (/^File \S+ is currently being updated/.test(line)) return 'BRO-09975';
  return Object.entries(lines).find(([begin]) => line.startsWith(begin))?.[1];
}
