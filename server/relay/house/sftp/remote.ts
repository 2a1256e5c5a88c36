import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import ssh2, { type ConnectConfig, type FileEntryWithStats, type SFTPWrapper } from 'ssh2';

/** A directory on another machine, and how to come there. */
export interface SftpPlace {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** One of the two. */
  readonly password?: string;
  /** A private key as OpenSSH keeps it, without a passphrase. */
  readonly privateKey?: Buffer;
  /** Fingerprints of the keys that the machine may show, as `ssh-keygen -l` prints them: `SHA256:…`. */
  readonly hostKeys: readonly string[];
  readonly directory: string;
  /** How long the machine may take until it has let us in. */
  readonly connectMillis?: number;
}

/** The machine showed a key that nobody has pinned: it may be another one. Nothing was told to it, no password either. */
export class HostKeyUnknown extends Error {
  override readonly name = 'HostKeyUnknown';

  constructor(shown: string) {
    super(`the SFTP server shows the key ${shown}, which BUDSTIKKE_RELAY_SFTP_HOST_KEYS does not name`);
  }
}

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
  /** A file, or a directory of files; nothing happens where it is gone. */
  remove(path: string): Promise<void>;
}

/** SSH_FX_NO_SUCH_FILE of draft-ietf-secsh-filexfer-02, the version that everybody speaks. */
const noSuchFile = 2;

const connectMillis = 20_000;
/** Three of them without an answer, and the line counts as cut. */
const keepaliveMillis = 10_000;

/**
 * Opens a connection for `work`, and closes it after. Throws `HostKeyUnknown`, what the server refuses, or what became of the line; when
 * it is cut, nothing of `work` hangs.
 */
export async function withRemote<T>(place: SftpPlace, work: (remote: Remote) => Promise<T>): Promise<T> {
  const client = new ssh2.Client();
  let shown: string | undefined;
  const lost = new Promise<never>((_, reject) => {
    client.on('error', (error: Error) => reject(shown === undefined ? error : new HostKeyUnknown(shown)));
    client.on('close', () => reject(new Error('the connection to the SFTP server was cut')));
  });
  lost.catch(() => {});
  const settings: ConnectConfig = {
    host: place.host,
    port: place.port,
    username: place.username,
    readyTimeout: place.connectMillis ?? connectMillis,
    keepaliveInterval: keepaliveMillis,
    ...(place.privateKey ? { privateKey: place.privateKey } : { password: place.password ?? '' }),
    hostVerifier: (key: Buffer) => {
      const fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`;
      const isKnown = place.hostKeys.includes(fingerprint);
      if (!isKnown) shown = fingerprint;
      return isKnown;
    },
  };
  const ready = new Promise<SFTPWrapper>((resolve, reject) => {
    client.on('ready', () => client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))));
  });
  try {
    client.connect(settings);
    client.setNoDelay(true); // each question waits for its answer
    const sftp = await Promise.race([ready, lost]);
    return await Promise.race([work(remoteOf(sftp)), lost]);
  } finally {
    client.end();
  }
}

function remoteOf(sftp: SFTPWrapper): Remote {
  const remote: Remote = {
    async makeDirectory(path) {
      try {
        await asked((done) => sftp.mkdir(path, { mode: 0o750 }, done));
      } catch (error) {
        const there = await asked<{ isDirectory(): boolean }>((done) => sftp.stat(path, done)).catch(() => undefined);
        if (!there?.isDirectory()) throw error;
      }
    },
    async write(path, source) {
      const file: Writable = sftp.createWriteStream(path, { flags: 'wx', mode: 0o640, autoClose: true });
      await pipeline(source, file);
      await sync(sftp, path);
    },
    async read(path) {
      try {
        return await asked<Buffer>((done) => sftp.readFile(path, done));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async rename(from, to) {
      try {
        await asked((done) => sftp.rename(from, to, done));
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    },
    async list(path) {
      try {
        return await asked<FileEntryWithStats[]>((done) => sftp.readdir(path, done));
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
    async remove(path) {
      const found = await asked<{ isDirectory(): boolean }>((done) => sftp.lstat(path, done)).catch(missed);
      if (!found) return;
      if (!found.isDirectory()) return void (await asked((done) => sftp.unlink(path, done)).catch(missed));
      for (const { filename } of await remote.list(path)) await asked((done) => sftp.unlink(`${path}/${filename}`, done)).catch(missed);
      await asked((done) => sftp.rmdir(path, done)).catch(missed);
    },
  };
  return remote;
}

/** What was written stays, whatever happens to the machine; where its server has no word for that, it is as safe as that server makes it. */
async function sync(sftp: SFTPWrapper, path: string): Promise<void> {
  const handle = await asked<Buffer>((done) => sftp.open(path, 'r+', done));
  try {
    await asked((done) => sftp.ext_openssh_fsync(handle, done));
  } catch (error) {
    if (!/does not support/.test((error as Error).message)) throw error;
  } finally {
    await asked((done) => sftp.close(handle, done));
  }
}

export const isMissing = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === noSuchFile;

function missed(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function asked<T = void>(ask: (done: (error?: Error | null, value?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    ask((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}
