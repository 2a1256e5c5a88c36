const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/**
 * Pure. A letter in Markdown as plain text for a mail: marks of emphasis, headings and code go, lists and paragraphs stay as they
 * are, a link keeps its address. Addresses other than of the web and of mail are dropped with their marks.
 */
export function plainTextOf(markdown: string): string {
  return markdown
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/^ {0,3}(?:```|~~~).*$/gm, '')
    .replaceAll(/^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/gm, '$1')
    .replaceAll(/^ {0,3}>[ \t]?/gm, '')
    .replaceAll(/<br\s*\/?>/gi, '\n')
    .replaceAll(/!?\[([^\][]*)\]\(([^()\s]*)(?:\s+"[^"]*")?\)/g, (_, text: string, address: string) => linkText(text, address))
    .replaceAll(/<((?:https?|mailto):[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>/gi, '$1')
    .replaceAll(/(?<!\\)(\*\*|__)(?=\S)([^\n]*?[^\s\\])\1/g, '$2')
    .replaceAll(/(?<![\p{L}\p{N}\\])([*_])(?=\S)([^\n*_]*?[^\s\\])\1(?![\p{L}\p{N}])/gu, '$2')
    .replaceAll(/`+([^`\n]+)`+/g, '$1')
    .replaceAll(/\\([\\`*_{}[\]()#+.!<>~|-])/g, '$1')
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal?: string, hex?: string, name?: string) =>
      name === undefined
        ? fromCode(whole, decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal))
        : (entities[name.toLowerCase()] ?? whole),
    )
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function linkText(text: string, address: string): string {
  if (!/^(?:https?|mailto):/i.test(address) || text === address) return text;
  return text === '' ? address : `${text} (${address})`;
}

function fromCode(whole: string, code: number): string {
  const isCharacter = code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : whole;
}
