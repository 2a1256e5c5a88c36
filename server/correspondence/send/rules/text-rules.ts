import { withoutCode } from './without-code.ts';

/** Where the name of the recipient goes in a title, a summary or a body. */
const placeholder = '{{recipientName}}';

const simpleTag = /<\/?[a-z][^<>]*>|<!--|<!doctype/i;
/** A value between quotes may hold a bracket. */
const tagWithValues = /<\/?[a-z][a-z0-9-]*[\s/][^>]*>/i;
/** A renderer takes a line that begins so for HTML before it has seen the end of the tag (CommonMark 0.31, §4.6). */
const blockTag =
  /^[ \t>*+.)\d-]*<\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|pre|script|search|section|style|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|track|ul)(?=[\s/>]|$)/im;
const autolink = /<[a-z][a-z0-9+.-]*:[^\s<>]*>|<[^\s<>@]+@[^\s<>@]+>/gi;
const lineBreak = /<br\s*\/?>/gi;
const heading = /^ {0,3}#{1,6}\s/m;
const markdownLink = /\[[^\][]*\]\([^()]*\)/;

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&#60;': '<', '&#62;': '>', '&#x3c;': '<', '&#x3e;': '>' };

/** Whether anything in the text is a tag. Cut after its last closing bracket, so that looking for one ends where it begins. */
function hasTag(text: string): boolean {
  return simpleTag.test(text) || tagWithValues.test(text.slice(0, text.lastIndexOf('>') + 1)) || blockTag.test(text);
}

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
  return !hasTag(bare) && !heading.test(bare) && !markdownLink.test(bare) && bare.search(autolink) < 0;
}

/**
 * Pure. Whether a body is Markdown that needs no HTML: tags are refused outside code spans and code blocks, but for `<br>`
 * and autolinks. Entities pass. Source: compatibility.md, correspondence, §2.2.
 */
export function isMarkdown(text: string): boolean {
  return !hasTag(withoutCode(text).replaceAll(autolink, '').replaceAll(lineBreak, ''));
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
