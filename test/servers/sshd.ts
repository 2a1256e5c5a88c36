import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createTroupe, freePorts, listens, missing } from './programs.ts';

/** What the server needs of Debian's package openssh-server; empty when all is there. */
export const sshdMisses = (): string[] => missing(['sshd', 'ssh-keygen']);

/** Debian's OpenSSH with its SFTP server, which lets us in by one key and under our own name. */
export interface Sshd {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly username: string;
  readonly privateKey: Buffer;
  readonly keyPath: string;
  /** `SHA256:…`, of the one key that it shows. */
  readonly hostKey: string;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** What the SFTP server is started with: `-R` writes nothing, `-P rename` refuses that. */
  readonly sftp?: string;
  /** The most that it may write into one file, in blocks of 512 bytes: what comes after is refused, as by a full disk. */
  readonly mostBlocks?: number;
}

export async function startSshd({ sftp = '', mostBlocks }: SshdOptions = {}): Promise<Sshd> {
  const troupe = createTroupe();
  const { directory } = troupe;
  try {
    const [port] = (await freePorts(1)) as [number];
    const [hostPath, keyPath] = [join(directory, 'host'), join(directory, 'user')];
    for (const path of [hostPath, keyPath]) await troupe.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 }); // sshd of root does not start without
    const settings = join(directory, 'sshd_config');
    writeFileSync(settings, settingsOf({ port, hostPath, keyPath, sftp, directory }));
    const sshd = `exec /usr/sbin/sshd -D -e -f "${settings}"`;
    const limited = mostBlocks === undefined ? sshd : `trap '' XFSZ; ulimit -f ${mostBlocks}; ${sshd}`;
    troupe.start('sh', ['-c', limited]);
    await troupe.until('sshd', () => listens(port));
    const hostKey = /SHA256:\S+/.exec(await troupe.run('ssh-keygen', ['-l', '-f', `${hostPath}.pub`]))![0];
    const { username } = userInfo();
    return { host: '127.0.0.1', port, username, privateKey: readFileSync(keyPath), keyPath, hostKey, stop: troupe.stop };
  } catch (error) {
    await troupe.stop();
    throw error;
  }
}

interface Settings {
  readonly port: number;
  readonly hostPath: string;
  readonly keyPath: string;
  readonly sftp: string;
  readonly directory: string;
}

const settingsOf = ({ port, hostPath, keyPath, sftp, directory }: Settings): string => `
ListenAddress 127.0.0.1:${port}
HostKey ${hostPath}
PidFile ${join(directory, 'sshd.pid')}
AuthorizedKeysFile ${keyPath}.pub
PermitRootLogin yes
PasswordAuthentication no
UsePAM no
StrictModes no
Subsystem sftp internal-sftp ${sftp}
`;
