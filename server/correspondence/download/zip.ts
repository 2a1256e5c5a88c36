import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** One file of an archive: how it is called there, and how its bytes are had when its turn comes. */
export interface ZipEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  open(): Promise<Readable>;
}

export interface Zip {
  /** Exact, before the first byte. */
  readonly sizeBytes: number;
  readonly stream: Readable;
}

/** What the types of the library leave out: the callback is told the size. */
interface Ending {
  end(options: object, sized: (sizeBytes: number) => void): void;
}

/**
 * An archive of files as they are, not packed, written while it is read: one file is asked for at a time, and none when the reader
 * goes away. A file that cannot be read, or has another size than was said, breaks the stream off.
 */
export function zipOf(entries: readonly ZipEntry[]): Zip {
  const zip = new ZipFile();
  const stream = zip.outputStream as Readable;
  let open: Readable | undefined;
  zip.on('error', (error: Error) => stream.destroy(error));
  stream.on('close', () => open?.destroy());
  for (const { name, sizeBytes, modifiedAt, open: openFile } of entries) {
    zip.addReadStreamLazy(name, { compress: false, size: sizeBytes, mtime: modifiedAt, mode: 0o100644 }, (pump) => {
      openFile().then(
        (file) => {
          open = file;
          file.once('error', (error) => stream.destroy(error));
          if (stream.destroyed) file.destroy();
          else pump(null, file);
        },
        (error: Error) => stream.destroy(error),
      );
    });
  }
  let sizeBytes = -1;
  (zip as unknown as Ending).end({}, (size) => {
    sizeBytes = size;
  });
  if (sizeBytes < 0) throw new Error('the size of an archive is not known');
  return { sizeBytes, stream };
}
