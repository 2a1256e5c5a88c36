import { createHash } from 'node:crypto';
import ssh2, { type ConnectConfig, type SFTPWrapper } from 'ssh2';
import { createPatience, type Patience } from './patience.ts';
import { type Ask, type Remote, remoteOf } from './remote-files.ts';

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
  /** How long questions may wait while none of them is answered. */
  readonly answerMillis?: number;
}

/** The machine showed a key that nobody has pinned: it may be another one. Nothing was told to it, no password either. */
export class HostKeyUnknown extends Error {
  override readonly name = 'HostKeyUnknown';

  constructor(shown: string) {
    super(`the SFTP server shows the key ${shown}, which BUDSTIKKE_RELAY_SFTP_HOST_KEYS does not name`);
  }
}

/** The machine keeps the line and answers nothing any more: its SFTP server hangs, or the disk behind it. */
export class ServerSilent extends Error {
  override readonly name = 'ServerSilent';

  constructor(millis: number) {
    super(`the SFTP server has answered nothing for ${millis / 1000} s`);
  }
}

const connectMillis = 20_000;
/** Three of them without an answer, and the line counts as cut. */
const keepaliveMillis = 10_000;
/**
 * The slowest answers are to `fsync` of a large file on a busy disk: seconds. And no more than a tenth of the ten minutes for which an
 * attempt is claimed, so that it fails by itself before another worker takes it over.
 */
const answerMillis = 60_000;

/**
 * Opens a connection for `work`, and closes it after. Throws `HostKeyUnknown`, `ServerSilent`, what the server refuses, or what became of
 * the line; when it is cut or silent, nothing of `work` hangs.
 */
export async function withRemote<T>(place: SftpPlace, work: (remote: Remote) => Promise<T>): Promise<T> {
  const client = new ssh2.Client();
  let shown: string | undefined;
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  lost.catch(() => {});
  client.on('error', (error: Error) => lose(shown === undefined ? error : new HostKeyUnknown(shown)));
  client.on('close', () => lose(new Error('the connection to the SFTP server was cut')));
  const limit = place.answerMillis ?? answerMillis;
  const ask = askUntil(
    lost,
    createPatience(limit, () => {
      lose(new ServerSilent(limit));
      client.destroy();
    }),
  );
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
  const ready = new Promise<void>((resolve) => void client.on('ready', resolve));
  try {
    client.connect(settings);
    client.setNoDelay(true); // each question waits for its answer
    await Promise.race([ready, lost]);
    const sftp = await ask<SFTPWrapper>((done) => client.sftp(done));
    return await Promise.race([work(remoteOf(sftp, ask)), lost]);
  } finally {
    client.end();
  }
}

function askUntil(lost: Promise<never>, patience: Patience): Ask {
  return async <T>(put: Parameters<Ask>[0]): Promise<T> => {
    patience.asked();
    try {
      const answer = new Promise<T>((resolve, reject) => {
        put((error, value) => (error ? reject(error) : resolve(value as T)));
      });
      return await Promise.race([answer, lost]);
    } finally {
      patience.answered();
    }
  };
}
