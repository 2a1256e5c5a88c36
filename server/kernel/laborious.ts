/** So many signs that may begin or end something can stand in one paragraph: each is weighed against each. */
const mostSignsTogether = 1200;
/** So many lines can follow each other: a list takes them up one by one, and looks at all each time. */
const mostLinesTogether = 500;
/** So deep may quotes and lists lie in each other: each level is a step deeper for the parser. */
const mostLevels = 20;
/** A row of a table is filled up to as many cells as its head has: columns times lines. */
const mostCells = 10_000;

const sign = /[*_~[\]()<>!`\\&:@/]|\bwww\b|\r/g;
/** Quotes and lists that one line opens one in another. */
const openings = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/;
const opening = />|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])/g;

/**
 * Pure. Whether Markdown could keep a browser or a worker busy for long, or break their parser: what people write does not come near any of
 * this. Such a text is shown and printed as it was written.
 */
export function isLaborious(text: string): boolean {
  const lines = text.split('\n');
  const columns = lines.reduce((most, line) => Math.max(most, count(line, /\|/g)), 0);
  if (columns * lines.length > mostCells && columns > 1) return true;
  if (lines.some((line) => count(openings.exec(line)?.[0] ?? '', opening) > mostLevels)) return true;
  if (lines.some((line) => (/^[ \t]*/.exec(line)?.[0].length ?? 0) > mostLevels * 4 && /^[ \t]*(?:[-+*>]|\d)/.test(line))) return true;
  return text
    .split(/\n[ \t]*\n/)
    .some((paragraph) => count(paragraph, sign) > mostSignsTogether || count(paragraph, /\n/g) > mostLinesTogether);
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}
