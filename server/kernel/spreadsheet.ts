/** What may stand before a sign without keeping a spreadsheet from seeing it first: quotes, spaces, and what nobody sees. */
const before = String.raw`["'\s\p{Cf}]*`;
/** What makes a formula of a cell, also as wide as the letters of East Asia. */
const sign = '[=+\\-@＝＋－＠]';
const atStart = new RegExp(`^(?:${before}${sign}|[\\t\\r\\n])`, 'u');
const behindSeparator = new RegExp(`(?!^)([,;\\t\\r\\n]${before})(?=${sign})`, 'gu');

/**
 * Pure. Text for a cell of a table that a spreadsheet opens: what it would take for a formula gets an apostrophe in front, also behind
 * whatever some spreadsheet divides cells by, since the quotes of another's dialect say nothing to it. Names come from others.
 *
 * The one guard of ours: the extract of the server and the files that pages save go by it. Source: OWASP, CSV injection.
 */
export function withoutFormulas(text: string): string {
  const behind = text.replace(behindSeparator, "$1'");
  return atStart.test(text) ? `'${behind}` : behind;
}
