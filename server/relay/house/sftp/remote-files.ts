import type { Readable } from 'node:stream';
import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';

/** Files of an SFTP server. Paths are whole. Errors carry SFTP's number as `code`. */
export interface Remote {
  /** Nothing happens where it is there already. */
  makeDirectory(path: string): Promise<void>;
  /** A new file, from its first byte to its last. Refused where there is one of that name. */
  write(path: string, source: Readable): Promise<void>;
  /** Undefined for a file that is not there. */
  read(path: string): Promise<Buffer | undefined>;
  /** Refused by the server where there is something by the new name. Tells whether there was something by the old one. */
  rename(from: string, to: string): Promise<boolean>;
  /** Nothing for a directory that is not there. */
  list(path: string): Promise<FileEntryWithStats[]>;
  /** When the server last saw it changed, by its own clock, in seconds. Undefined for what is not there. */
  changedAt(path: string): Promise<number | undefined>;
  /** A file, or a directory of files; nothing happens where it is gone. */
  remove(path: string): Promise<void>;
}

/** Puts a question to the server. Fails with what it refuses, or when the line is lost or silent. */
// biome-ignore lint/suspicious/noExplicitAny: each question has an answer of its own kind
export type Ask = <T = void>(put: (done: (error?: Error | null, value?: any) => void) => unknown) => Promise<T>;

/** SSH_FX_EOF and SSH_FX_NO_SUCH_FILE of draft-ietf-secsh-filexfer-02, the version that everybody speaks. */
const [endOfFile, noSuchFile] = [1, 2];

/** What every server takes in one question, and gives in one answer. */
const pieceBytes = 32_768;

export function remoteOf(sftp: SFTPWrapper, ask: Ask): Remote {
  const remote: Remote = {
    async makeDirectory(path) {
      try {
        await ask((done) => sftp.mkdir(path, { mode: 0o750 }, done));
      } catch (error) {
        const there = await ask<Stats>((done) => sftp.stat(path, done)).catch(() => undefined);
        if (!there?.isDirectory()) throw error;
      }
    },
    async write(path, source) {
      const mode = 0o640;
      const handle = await ask<Buffer>((done) => sftp.open(path, 'wx', { mode }, done));
      try {
        await ask((done) => sftp.fchmod(handle, mode, done)).catch(() => {}); // where a server cannot, its own rules hold
        let at = 0;
        for await (const chunk of source as AsyncIterable<Buffer>) {
          await Promise.all(
            piecesOf(chunk).map(([from, length]) => ask((done) => sftp.write(handle, chunk, from, length, at + from, done))),
          );
          at += chunk.length;
        }
        await sync(sftp, ask, handle);
      } catch (error) {
        await ask((done) => sftp.close(handle, done)).catch(() => {}); // what went wrong before is told
        throw error;
      }
      await ask((done) => sftp.close(handle, done));
    },
    async read(path) {
      const handle = await ask<Buffer>((done) => sftp.open(path, 'r', done)).catch(missed);
      if (!handle) return undefined;
      const read: Buffer[] = [];
      try {
        for (let at = 0; ; at += read.at(-1)!.length) {
          const piece = await readPiece(sftp, ask, handle, at);
          if (piece.length === 0) return Buffer.concat(read);
          read.push(piece);
        }
      } finally {
        await ask((done) => sftp.close(handle, done)).catch(() => {}); // nothing was written
      }
    },
    async rename(from, to) {
      try {
        await ask((done) => sftp.rename(from, to, done));
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    },
    async list(path) {
      const handle = await ask<Buffer>((done) => sftp.opendir(path, done)).catch(missed);
      if (!handle) return [];
      const found: FileEntryWithStats[] = [];
      try {
        for (;;) {
          const some = await ask<FileEntryWithStats[]>((done) => sftp.readdir(handle, done)).catch(ended);
          if (!some) return found;
          found.push(...some);
        }
      } finally {
        await ask((done) => sftp.close(handle, done)).catch(() => {}); // nothing was written
      }
    },
    async changedAt(path) {
      return (await ask<Stats>((done) => sftp.lstat(path, done)).catch(missed))?.mtime;
    },
    async remove(path) {
      const found = await ask<Stats>((done) => sftp.lstat(path, done)).catch(missed);
      if (!found) return;
      if (!found.isDirectory()) return void (await ask((done) => sftp.unlink(path, done)).catch(missed));
      for (const { filename } of await remote.list(path)) await ask((done) => sftp.unlink(`${path}/${filename}`, done)).catch(missed);
      await ask((done) => sftp.rmdir(path, done)).catch(missed);
    },
  };
  return remote;
}

function piecesOf({ length }: Buffer): [from: number, length: number][] {
  return Array.from({ length: Math.ceil(length / pieceBytes) }, (_, i) => [i * pieceBytes, Math.min(pieceBytes, length - i * pieceBytes)]);
}

/** Empty at the end. */
async function readPiece(sftp: SFTPWrapper, ask: Ask, handle: Buffer, at: number): Promise<Buffer> {
  const piece = Buffer.alloc(pieceBytes);
  const bytes = await ask<number>((done) => sftp.read(handle, piece, 0, pieceBytes, at, done)).catch(ended);
  return piece.subarray(0, bytes ?? 0);
}

/** What was written stays, whatever happens to the machine; where its server has no word for that, it is as safe as that server makes it. */
async function sync(sftp: SFTPWrapper, ask: Ask, handle: Buffer): Promise<void> {
  try {
    await ask((done) => sftp.ext_openssh_fsync(handle, done));
  } catch (error) {
    if (!/does not support/.test((error as Error).message)) throw error;
  }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

const isMissing = (error: unknown): boolean => codeOf(error) === noSuchFile;

function missed(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function ended(error: unknown): undefined {
  if (codeOf(error) !== endOfFile) throw error;
}
