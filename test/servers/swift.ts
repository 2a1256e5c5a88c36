import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createTroupe, freePorts, listens, missing, type S3Server, type Troupe } from './programs.ts';

/** What the server needs of Debian's packages swift, swift-proxy, swift-account, swift-container and swift-object; empty when all is there. */
export const swiftMisses = (): string[] =>
  missing(['swift-proxy-server', 'swift-account-server', 'swift-container-server', 'swift-object-server', 'swift-ring-builder']);

const kinds = ['account', 'container', 'object'] as const;

/**
 * OpenStack's object store with its S3 face, one of each server on one directory. It needs no right but to that and four ports;
 * salts and storage policy are those of the package (/etc/swift/swift.conf).
 */
export async function startSwift(): Promise<S3Server> {
  const troupe = createTroupe({ PYTHONWARNINGS: 'ignore' });
  try {
    return await startIn(troupe);
  } catch (error) {
    await troupe.stop();
    throw error;
  }
}

async function startIn(troupe: Troupe): Promise<S3Server> {
  const [proxy, ...ports] = (await freePorts(4)) as [number, ...number[]];
  const secret = randomBytes(20).toString('hex');
  const { directory } = troupe;
  mkdirSync(join(directory, 'nodes/disk'), { recursive: true });

  const ring = async (kind: string, i: number) => {
    const builder = join(directory, `${kind}.builder`);
    const build = (...args: string[]) => troupe.run('swift-ring-builder', [builder, ...args]);
    await build('create', '4', '1', '0');
    await build('add', `r1z1-127.0.0.1:${ports[i]}/disk`, '1');
    await build('rebalance').catch(endsWithWarning);
  };
  await Promise.all(kinds.map(ring));
  for (const [i, kind] of kinds.entries()) {
    const conf = join(directory, `${kind}.conf`);
    writeFileSync(conf, serverSettings(directory, kind, ports[i]!));
    troupe.start(`swift-${kind}-server`, [conf]);
  }
  const conf = join(directory, 'proxy.conf');
  writeFileSync(conf, proxySettings(directory, proxy, secret));
  troupe.start('swift-proxy-server', [conf]);
  await troupe.until('swift', async () => (await Promise.all([proxy, ...ports].map(listens))).every(Boolean));
  return { endpoint: `http://127.0.0.1:${proxy}`, region: 'us-east-1', key: 'test:tester', secret, stop: troupe.stop };
}

/** Exit code 1 is a warning: a ring of one disk is not balanced. */
function endsWithWarning(error: { code?: unknown }): void {
  if (error.code !== 1) throw error;
}

const common = (directory: string, port: number): string => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${directory}
workers = 0
log_name = swift
log_address = ${directory}/no-syslog
log_level = WARNING
`;

const serverSettings = (directory: string, kind: string, port: number): string => `${common(directory, port)}
devices = ${directory}/nodes
mount_check = false
disable_fallocate = true
fallocate_reserve = 0

[pipeline:main]
pipeline = ${kind}-server

[app:${kind}-server]
use = egg:swift#${kind}
`;

/** 10,000 parts, as all other servers have it: the default is 1,000. */
const proxySettings = (directory: string, port: number, secret: string): string => `${common(directory, port)}
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth copy slo dlo proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true

[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
max_upload_part_num = 10000
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000
[filter:dlo]
use = egg:swift#dlo
`;
