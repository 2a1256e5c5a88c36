import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { StartError } from '#kernel/start-error.ts';
import { StoreUnavailable } from '../blobs.ts';
import { connectS3, isMissing, refusalOf, type S3, type S3Settings } from './connect.ts';

const claimName = 'budstikke-installation';

/**
 * Looks whether the bucket is there and may be read and written, and whose it is: its first user leaves the id of its database there, and no other
 * database may use what stands under the same prefix, since each would take the other's bytes for orphans. Refuses (StartError) with the
 * setting that is to be mended.
 */
export async function claimBucket(settings: S3Settings, installation: string): Promise<void> {
  const s3 = connectS3(settings);
  try {
    const claimed = await claim(s3, settings, installation).catch((error) => {
      throw new StartError(explain(error, settings), { cause: error });
    });
    if (claimed === installation) return;
    throw new StartError(
      `The bucket ${settings.bucket} belongs, under "${settings.prefix}", to another database of Budstikke. Choose another with BUDSTIKKE_S3_BUCKET or BUDSTIKKE_S3_PREFIX; if that database is gone for good, remove the object ${settings.prefix}${claimName}.`,
    );
  } finally {
    s3.close();
  }
}

async function claim(s3: S3, { prefix }: S3Settings, installation: string): Promise<string> {
  const object = { Bucket: s3.bucket, Key: `${prefix}${claimName}` };
  await s3.send((client, abortSignal) =>
    client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: prefix, MaxKeys: 1 }), { abortSignal }),
  );
  const read = async () => {
    const got = await s3.send((client, abortSignal) => client.send(new GetObjectCommand(object), { abortSignal }));
    return (await got.Body!.transformToString()).trim();
  };
  const unlessMissing = (error: unknown): undefined => {
    if (!isMissing(error)) throw error;
  };
  const before = await read().catch(unlessMissing);
  if (before !== undefined) return before;
  const put = (condition: { IfNoneMatch?: '*' }) =>
    s3.send((client, abortSignal) =>
      client.send(new PutObjectCommand({ ...object, Body: `${installation}\n`, ...condition }), { abortSignal }),
    );
  await put({ IfNoneMatch: '*' }).catch((error) => {
    const status = refusalOf(error)?.status;
    if (status === 412) return; // another process was first, perhaps one of ours
    if (status !== 501) throw error;
    return put({});
  });
  return read();
}

const mends: Readonly<Record<string, string>> = {
  NoSuchBucket: 'There is no bucket of that name: make it, or choose another with BUDSTIKKE_S3_BUCKET',
  InvalidBucketName: 'A bucket cannot be named so: BUDSTIKKE_S3_BUCKET',
  InvalidAccessKeyId: 'The store does not know the key: BUDSTIKKE_S3_KEY',
  SignatureDoesNotMatch: 'The secret is not the one of the key, or there is no such key: BUDSTIKKE_S3_SECRET, BUDSTIKKE_S3_KEY',
  AccessDenied: 'The key may not list, read and write there: BUDSTIKKE_S3_KEY, or the rights of the bucket that BUDSTIKKE_S3_BUCKET names',
  RequestTimeTooSkewed: "The clocks of the store and of this machine differ too much; the store's are part of every signature",
  AuthorizationHeaderMalformed: 'The store is in another region: BUDSTIKKE_S3_REGION',
  PermanentRedirect: 'The bucket is in another region: BUDSTIKKE_S3_REGION, or BUDSTIKKE_S3_ENDPOINT',
};

function explain(error: unknown, { bucket, endpoint }: S3Settings): string {
  const where = `The bucket ${bucket}${endpoint === undefined ? '' : ` at ${endpoint}`} cannot be used.`;
  if (error instanceof StoreUnavailable) {
    const { code, name } = error.cause as { code?: string; name?: string };
    return `${where} The store does not answer (${code ?? name}): BUDSTIKKE_S3_ENDPOINT.`;
  }
  const refusal = refusalOf(error);
  if (!refusal) return `${where} ${(error as Error).message}: BUDSTIKKE_S3_ENDPOINT.`;
  const mend =
    mends[refusal.name] ?? (refusal.status === 403 ? mends.AccessDenied : refusal.status === 404 ? mends.NoSuchBucket : undefined);
  return `${where} ${mend ?? `The store refuses it: ${refusal.status} ${refusal.name}`}.`;
}
