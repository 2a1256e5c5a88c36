import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { CreateBucketCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Bytes } from '#blobs/bytes.ts';
import { createBlobs } from '#blobs/create-blobs.ts';
import { diskBytes } from '#blobs/disk/disk-bytes.ts';
import { encryptedBytes } from '#blobs/encrypted/encrypted-bytes.ts';
import { createKeyring, type Keyring } from '#blobs/encrypted/keyring.ts';
import { registerKeys } from '#blobs/encrypted/store.ts';
import type { Blobs } from '#blobs/index.ts';
import type { S3Settings } from '#blobs/s3/connect.ts';
import { type S3Options, s3Bytes } from '#blobs/s3/s3-bytes.ts';
import type { TestDatabase } from '../database.ts';
import type { S3Server } from '../servers/programs.ts';
import { radosgwMisses, startRadosgw } from '../servers/radosgw.ts';
import { startSwift, swiftMisses } from '../servers/swift.ts';

type Db = TestDatabase['db'];

/** A store under test, and the keys that have bytes in it, finished or not. */
export interface Store {
  readonly blobs: Blobs;
  keysWithBytes(): Promise<string[]>;
}

/** A place for bytes, and the names of what lies there. */
export interface Place {
  readonly bytes: Bytes;
  names(): Promise<string[]>;
}

export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'budstikke-blobs-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export async function diskPlace(): Promise<Place> {
  const directory = makeDirectory();
  return {
    bytes: diskBytes(directory),
    async names() {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    },
  };
}

/** A new bucket of a server. Parts are smaller than in life, so that a few megabytes are several. */
export async function s3Place(
  server: S3Server,
  settings: Partial<S3Settings> = {},
  options: S3Options = {},
): Promise<Place & { settings: S3Settings }> {
  const bucket = `test-${randomBytes(6).toString('hex')}`;
  const all: S3Settings = { ...server, bucket, pathStyle: true, prefix: 'some/where/', spoolDirectory: makeDirectory(), ...settings };
  const client = clientOf(server);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const bytes = s3Bytes(all, { sizeOf: () => 5 * 1024 * 1024, ...options });
  after(() => {
    bytes.close?.();
    client.destroy();
  });
  return {
    bytes,
    settings: all,
    async names() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return [...Contents, ...Uploads].map(({ Key }) => Key!.split('/').at(-1)!);
    },
  };
}

export function clientOf({ endpoint, region, key, secret }: S3Server): S3Client {
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: key, secretAccessKey: secret },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

export async function makeKeyring(db: Db, ...ids: string[]): Promise<Keyring> {
  const keyring = createKeyring(new Map(ids.map((id) => [id, randomBytes(32)])));
  await registerKeys(
    db,
    ids.map((id) => ({ id, witness: randomBytes(32) })),
  );
  return keyring;
}

export interface Adapter {
  readonly name: string;
  /** Why it cannot be tried here. */
  readonly skip: string | false;
  open(db: Db): Promise<Store>;
}

/** A server is started once, when it is asked for first. */
function once(start: () => Promise<S3Server>): () => Promise<S3Server> {
  let started: Promise<S3Server> | undefined;
  after(async () => (await started?.catch(() => undefined))?.stop());
  return () => {
    started ??= start();
    return started;
  };
}

const needs = (programs: readonly string[]): string | false => (programs.length > 0 ? `needs ${programs.join(', ')}` : false);

/** A server that may be here. */
export interface Offered {
  readonly name: string;
  readonly skip: string | false;
  start(): Promise<S3Server>;
}

export const ceph: Offered = { name: 'S3 of Ceph', skip: needs(radosgwMisses()), start: once(startRadosgw) };
export const swift: Offered = { name: 'S3 of Swift', skip: needs(swiftMisses()), start: once(startSwift) };

export async function startedOn({ skip, start }: Offered): Promise<S3Server | undefined> {
  return skip === false ? start() : undefined;
}

const places: { name: string; skip: string | false; open(): Promise<Place> }[] = [
  { name: 'disk', skip: false, open: diskPlace },
  ...[ceph, swift].map(({ name, skip, start }) => ({ name, skip, open: async () => s3Place(await start()) })),
];

/** The place of that name, with bytes as they come and encrypted. */
export const adaptersOn = (place: string): Adapter[] => adapters.filter(({ name }) => name === place || name === `${place}, encrypted`);

const adapters: readonly Adapter[] = places.flatMap(({ name, skip, open }) => [
  {
    name,
    skip,
    async open(db) {
      const { bytes, names } = await open();
      return { blobs: createBlobs({ bytes: encryptedBytes({ bytes, db, keyring: createKeyring(new Map()) }), db }), keysWithBytes: names };
    },
  },
  {
    name: `${name}, encrypted`,
    skip,
    async open(db) {
      const { bytes, names } = await open();
      return {
        blobs: createBlobs({ bytes: encryptedBytes({ bytes, db, keyring: await makeKeyring(db, 'one') }), db }),
        keysWithBytes: names,
      };
    },
  },
]);
