import type { StoredBlob } from '#blobs/index.ts';
import type { Transfer } from '../store/transfer.ts';

/** Pure. Whether bytes are those whose hashes their sender gave; one that gave none takes any. */
export function isAsDeclared(
  { declaredMd5, declaredSha256 }: Pick<Transfer, 'declaredMd5' | 'declaredSha256'>,
  { md5, sha256 }: Pick<StoredBlob, 'md5' | 'sha256'>,
): boolean {
  return (declaredMd5 === null || declaredMd5 === md5) && (declaredSha256 === null || declaredSha256 === sha256);
}
