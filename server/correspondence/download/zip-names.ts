const mostBytes = 255;

/** A name and its extension, which begins with the last dot; a name that only begins with a dot has none. */
function parted(fileName: string): { readonly stem: string; readonly extension: string } {
  const dot = fileName.lastIndexOf('.');
  return dot <= 0 ? { stem: fileName, extension: '' } : { stem: fileName.slice(0, dot), extension: fileName.slice(dot) };
}

/** The beginning of a text that takes at most so many bytes of UTF-8, cut between characters. */
function cut(text: string, bytes: number): string {
  let kept = '';
  let size = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) return kept;
    kept += character;
  }
  return kept;
}

function fitted(stem: string, suffix: string, extension: string): string {
  const end = cut(`${suffix}${extension}`, mostBytes);
  return `${cut(stem, mostBytes - Buffer.byteLength(end))}${end}`;
}

/**
 * Pure. How files are called in an archive, in the same order: at most 255 bytes of UTF-8 with the extension kept, and none
 * twice, whatever the case: the second is `name(1).pdf`. Source: compatibility.md, correspondence, §4.9.
 */
export function zipNames(fileNames: readonly string[]): string[] {
  const taken = new Set<string>();
  return fileNames.map((fileName) => {
    const { stem, extension } = parted(fileName);
    let name = fitted(stem, '', extension);
    for (let n = 1; taken.has(name.toLowerCase()); n++) name = fitted(stem, `(${n})`, extension);
    taken.add(name.toLowerCase());
    return name;
  });
}

const letters: Readonly<Record<string, string>> = { æ: 'ae', ø: 'o', ß: 'ss', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ŋ: 'n', ŧ: 't' };
const fallback = 'correspondence-attachments';

/** Pure. What an archive is called after the title of its message. Source: compatibility.md, correspondence, §4.9. */
export function zipFileName(title: string): string {
  const plain = title
    .toLowerCase()
    .replaceAll(/[æøßđðþłŋŧ]/g, (letter) => letters[letter]!)
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '');
  const slug = plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 100)
    .replace(/-$/, '');
  return `${slug || fallback}.zip`;
}
