import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTroupe, freePorts, listens, missing, type S3Server, type Troupe } from './programs.ts';

/** What the server needs of Debian's packages radosgw, ceph-mon and ceph-osd; empty when all is there. */
export const radosgwMisses = (): string[] =>
  missing(['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool', 'ceph-authtool']);

/**
 * Ceph's object gateway on the smallest cluster there is: one monitor, one store in memory, no copies; with cephx, without which
 * the gateway does not start. It needs no right but to its own directory and four ports.
 */
export async function startRadosgw(): Promise<S3Server> {
  const troupe = createTroupe();
  try {
    return await startIn(troupe);
  } catch (error) {
    await troupe.stop();
    throw error;
  }
}

async function startIn(troupe: Troupe): Promise<S3Server> {
  const [monitor, gateway] = (await freePorts(2)) as [number, number];
  const [key, secret] = [randomBytes(10).toString('hex'), randomBytes(20).toString('hex')];
  const { directory } = troupe;
  const conf = join(directory, 'ceph.conf');
  const [fsid, osd] = [randomUUID(), randomUUID()];
  const keyring = join(directory, 'keyring');
  for (const name of ['mon', 'osd']) mkdirSync(join(directory, name));
  writeFileSync(conf, settings(directory, fsid, monitor));
  const ceph = (...args: string[]) => troupe.run('ceph', ['-c', conf, '-k', keyring, '--connect-timeout', '20', ...args]);

  const name = (entity: string, ...caps: string[]) => troupe.run('ceph-authtool', [keyring, '--gen-key', '-n', entity, ...caps]);
  await troupe.run('ceph-authtool', ['--create-keyring', keyring]);
  await name('mon.', '--cap', 'mon', 'allow *');
  await name('client.admin', '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *');
  await name('client.gateway', '--cap', 'mon', 'allow rwx', '--cap', 'osd', 'allow rwx');
  await name('osd.0', '--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow profile osd');

  const map = join(directory, 'monmap');
  await troupe.run('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${monitor}]`, map]);
  await troupe.run('ceph-mon', ['-c', conf, '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring]);
  troupe.start('ceph-mon', ['-f', '-c', conf, '-i', 'a']);
  await troupe.until('the monitor', async () => (await ceph('quorum_status')) !== '');

  await ceph('osd', 'new', osd, '0');
  await troupe.run('ceph-osd', ['-c', conf, '-i', '0', '--mkfs', '--osd-uuid', osd, '--keyring', keyring]);
  troupe.start('ceph-osd', ['-f', '-c', conf, '-i', '0', '--keyring', keyring]);
  await troupe.until('the store', async () => /1 up/.test(await ceph('osd', 'stat')));

  const as = ['-c', conf, '-k', keyring, '-n', 'client.gateway'];
  await troupe.run('radosgw-admin', [
    ...as,
    'user',
    'create',
    '--uid=test',
    '--display-name=test',
    `--access-key=${key}`,
    `--secret-key=${secret}`,
  ]);
  troupe.start('radosgw', ['-f', ...as, `--rgw-frontends=beast endpoint=127.0.0.1:${gateway} tcp_nodelay=1`]);
  await troupe.until('the gateway', () => listens(gateway));
  return { endpoint: `http://127.0.0.1:${gateway}`, region: 'us-east-1', key, secret, stop: troupe.stop };
}

function settings(directory: string, fsid: string, monitor: number): string {
  return `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${monitor}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
run dir = ${directory}
admin socket = ${directory}/$name.asok
pid file =
log file =
log to file = false
log to stderr = true
err to stderr = true
keyring = ${directory}/keyring
crash dir = ${directory}/crash
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data = ${directory}/mon
mon data avail warn = 1
mon data avail crit = 1
mon osd min in ratio = 0
osd data = ${directory}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
memstore page size = 65536
osd memory target = 939524096
osd class load list = *
osd class default list = *
rgw enable usage log = false
rgw gc obj min wait = 0
rgw multipart min part size = 5242880
rgw num rados handles = 1
rgw thread pool size = 64
`;
}
