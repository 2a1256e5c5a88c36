import type { Transfer } from './store/transfer.ts';

/** Pure. The `what` of evidence about a transfer: its name, and the hashes of its bytes as declared and as they came. */
export function whatOf({ id, fileName, sha256, md5, sizeBytes, declaredMd5 }: Transfer): object {
  return {
    ...(declaredMd5 === null ? {} : { declared: { md5: declaredMd5 } }),
    parts: [{ id, name: fileName, type: 'application/octet-stream', sha256, md5, sizeBytes }],
  };
}
