import type { Transfer } from './store/transfer.ts';

/** Pure. The `what` of evidence about a transfer: its name, and the hashes of its bytes as declared and as they came. */
export function whatOf({ id, fileName, sha256, md5, sizeBytes, declaredMd5, declaredSha256 }: Transfer): object {
  const declared = {
    ...(declaredMd5 === null ? {} : { md5: declaredMd5 }),
    ...(declaredSha256 === null ? {} : { sha256: declaredSha256 }),
  };
  return {
    ...(Object.keys(declared).length === 0 ? {} : { declared }),
    parts: [{ id, name: fileName, type: 'application/octet-stream', sha256, md5, sizeBytes }],
  };
}

/** Pure. The same with the hash of what a recipient says it holds, where it says so. */
export function whatIsHeld(transfer: Transfer, sha256: string | null): object {
  return { ...whatOf(transfer), ...(sha256 === null ? {} : { received: { sha256 } }) };
}
