import { releaseBlobs } from '#blobs/index.ts';
import type { Tx } from '#kernel/database.ts';
import { type Attachment, listShared } from '../store/attachment.ts';

/** The bytes of attachments that the transaction has locked go, with the last one that has them: a letter sent anew may share them with the old one. */
export async function releaseShared(tx: Tx, attachments: readonly Attachment[]): Promise<void> {
  const keys = [...new Set(attachments.flatMap(({ blobKey }) => blobKey ?? []))];
  if (keys.length === 0) return;
  const shared = await listShared(
    tx,
    keys,
    attachments.map(({ id }) => id),
  );
  releaseBlobs(
    tx,
    keys.filter((key) => !shared.has(key)),
  );
}
