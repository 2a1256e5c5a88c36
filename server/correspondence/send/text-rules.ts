/** Where the name of the recipient goes in a title, a summary or a body. */
const placeholder = '{{recipientName}}';

const tag = /<\/?[a-z][^<>]*>|<!--|<!doctype/i;
const autolink = /<[a-z][a-z0-9+.-]*:[^\s<>]*>|<[^\s<>@]+@[^\s<>@]+>/gi;
const lineBreak = /<br\s*\/?>/gi;
const heading = /^ {0,3}#{1,6}\s/m;
const markdownLink = /\[[^\][]*\]\([^()]*\)/;

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&#60;': '<', '&#62;': '>', '&#x3c;': '<', '&#x3e;': '>' };

function decodeBrackets(text: string): string {
  return text.replaceAll(/&(?:lt|gt|#6[02]|#x3[ce]);/gi, (entity) => entities[entity.toLowerCase()] ?? entity);
}

/**
 * Pure. Whether a title or a sender's name is plain text: no HTML tags (written as entities neither), headings, links,
 * images or autolinks of Markdown. Emphasis marks, list markers, back-ticks and back-slashes pass.
 * Source: compatibility.md, correspondence, §2.2.
 */
export function isPlainText(text: string): boolean {
  const bare = decodeBrackets(text.replaceAll(/[`\\]/g, ''));
  return !tag.test(bare) && !heading.test(bare) && !markdownLink.test(bare) && bare.search(autolink) < 0;
}

/**
 * Pure. Whether a body is Markdown that needs no HTML: tags are refused outside code spans and code blocks, but for `<br>`
 * and autolinks. Entities pass. Source: compatibility.md, correspondence, §2.2.
 */
export function isMarkdown(text: string): boolean {
  return !tag.test(withoutCode(text).replaceAll(autolink, '').replaceAll(lineBreak, ''));
}

/** The text without what stands between runs of equally many back-ticks and without lines indented as code. One pass. */
function withoutCode(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map((run) => ({ at: run.index, length: run[0].length }));
  const closers = new Map<number, number[]>();
  for (let i = runs.length - 1; i >= 0; i--) {
    const sameLength = closers.get(runs[i]!.length);
    if (sameLength) sameLength.push(i);
    else closers.set(runs[i]!.length, [i]);
  }
  let kept = '';
  let from = 0;
  for (let i = 0; i < runs.length; ) {
    const { at, length } = runs[i]!;
    const ahead = closers.get(length)!;
    while (ahead.length > 0 && ahead.at(-1)! <= i) ahead.pop();
    const closer = ahead.at(-1);
    if (closer === undefined) {
      i += 1;
      continue;
    }
    kept += text.slice(from, at);
    from = runs[closer]!.at + length;
    i = closer + 1;
  }
  return (kept + text.slice(from)).replaceAll(/^(?: {4}|\t).*$/gm, '');
}

/** Pure. Whether any of the texts greets its recipient by name. */
export function isPersonal(texts: readonly (string | null)[]): boolean {
  return texts.some((text) => text?.includes(placeholder) ?? false);
}

/** Pure. The text as this recipient reads it. */
export function personalized(text: string, name: string | null): string {
  return name === null ? text : text.replaceAll(placeholder, () => name);
}

/** Pure. A name of the register as it is written in a letter: `KARI NORDMANN-LIE` → `Kari Nordmann-Lie`. */
export function titleCased(name: string): string {
  return name
    .toLocaleLowerCase('nb')
    .replaceAll(/\p{L}[\p{L}\p{M}'’]*/gu, (word) => word.charAt(0).toLocaleUpperCase('nb') + word.slice(1));
}
