import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { radosgwMisses, startRadosgw } from '../../test/servers/radosgw.ts';
import type { Closers } from '../closers.ts';
import type { Store } from '../options.ts';

/** The settings of a server whose bytes lie in this store, and what it takes: a file of keys, or Ceph's gateway with a bucket. */
export async function settingsOf(store: Store, folder: string, closers: Closers): Promise<Readonly<Record<string, string>>> {
  if (store === 'encrypted') {
    const keys = join(folder, 'keys');
    writeFileSync(keys, `bench ${randomBytes(32).toString('base64')}\n`);
    return { BUDSTIKKE_ENCRYPTION_KEYS: keys };
  }
  return store === 's3' ? startStore(closers) : {};
}

async function startStore(closers: Closers): Promise<Readonly<Record<string, string>>> {
  const missing = radosgwMisses();
  if (missing.length > 0) throw new Error(`There is no object store to measure with: ${missing.join(', ')} of Debian's radosgw and Ceph.`);
  const { endpoint, region, key, secret, stop } = await startRadosgw();
  closers.add(stop);
  const credentials = { accessKeyId: key, secretAccessKey: secret };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: 'bench' }));
  client.destroy();
  return {
    BUDSTIKKE_S3_ENDPOINT: endpoint,
    BUDSTIKKE_S3_REGION: region,
    BUDSTIKKE_S3_BUCKET: 'bench',
    BUDSTIKKE_S3_KEY: key,
    BUDSTIKKE_S3_SECRET: secret,
  };
}
