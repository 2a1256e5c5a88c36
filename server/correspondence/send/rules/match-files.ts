import type { ReceivedFile } from '#kernel/route.ts';

/**
 * Pure. The file of each new attachment: the one in the same place when the names are equal, otherwise the only file of
 * that name. Undefined when counts differ or a name is not to be found. Source: compatibility.md, correspondence, §3.
 */
export function matchFiles(fileNames: readonly string[], files: readonly ReceivedFile[]): readonly ReceivedFile[] | undefined {
  if (fileNames.length !== files.length) return undefined;
  const matched: ReceivedFile[] = [];
  for (const [i, name] of fileNames.entries()) {
    const inPlace = files[i]!;
    const same = inPlace.fileName === name ? [inPlace] : files.filter((file) => file.fileName === name);
    if (same.length !== 1) return undefined;
    matched.push(same[0]!);
  }
  return new Set(matched).size === matched.length ? matched : undefined;
}

/** The parts of a form that are files of the message: named `attachments`, in any case. Others are not read. */
export function attachmentFiles(files: readonly ReceivedFile[]): readonly ReceivedFile[] {
  return files.filter((file) => /^(?:request\.)?attachments(?:\[\d*\])?$/i.test(file.fieldName));
}
