import { Marked, type Token, type Tokens } from 'marked';
import type PDFDocument from 'pdfkit';
import { isLaborious } from '#kernel/laborious.ts';
import { isInTypeface, settable, typeface } from './typeface.ts';

type Document = InstanceType<typeof PDFDocument>;

/** Where the text of a block stands on its page, in points. */
interface Column {
  readonly left: number;
  readonly width: number;
}

/** Text of one kind. */
interface Run {
  readonly text: string;
  readonly isBold?: boolean;
  readonly isSlanted?: boolean;
  readonly isStruck?: boolean;
}

const size = 11;
const lineGap = 3;
const indent = 18;
const headingSizes = [14, 13, 12] as const;
/** Above this, and where it would keep the parser busy, a letter is printed as it was written, as the inbox shows it. */
const longestMarkup = 60_000;
const marked = new Marked({ gfm: true, breaks: true, async: false });

/**
 * Sets what a sender has written in Markdown, from where the document stands, as a reader of the inbox sees it: headings, lists, quotes, tables,
 * words that are stressed. A link says where it leads; of an image its words are left; HTML stands as what it is, text.
 */
export function setMarkdown(document: Document, text: string, column: Column): void {
  const tokens = text.length > longestMarkup || isLaborious(text) ? undefined : tokensOf(text);
  if (tokens) setBlocks(document, tokens, column);
  else setRuns(document, [{ text }], column);
  document.font(typeface.plain).fontSize(size);
  document.x = column.left;
}

function tokensOf(text: string): Token[] | undefined {
  try {
    return marked.lexer(text);
  } catch {
    return undefined;
  }
}

function setBlocks(document: Document, tokens: readonly Token[], column: Column): void {
  for (const token of tokens) setBlock(document, token as Tokens.Generic, column);
}

function setBlock(document: Document, token: Tokens.Generic, column: Column): void {
  if (token.type === 'space' || token.type === 'def') return;
  if (token.type === 'heading') setHeading(document, token as Tokens.Heading, column);
  else if (token.type === 'list') setList(document, token as Tokens.List, column);
  else if (token.type === 'blockquote') setBlocks(document, token.tokens ?? [], narrowed(column));
  else if (token.type === 'code') setParagraph(document, [{ text: (token as Tokens.Code).text }], narrowed(column));
  else if (token.type === 'hr') setRule(document, column);
  else if (token.type === 'table') setTable(document, token as Tokens.Table, column);
  else setParagraph(document, token.tokens ? runsOf(token.tokens) : [{ text: token.raw.trimEnd() }], column);
}

/** Narrower than this, words would be cut in pieces, or stand off the page. */
const narrowest = 80;
const narrowed = ({ left, width }: Column, by = indent): Column =>
  width - by < narrowest ? { left, width } : { left: left + by, width: width - by };

function setParagraph(document: Document, runs: readonly Run[], column: Column): void {
  setRuns(document, runs, column);
  document.moveDown(0.6);
}

function setHeading(document: Document, { depth, tokens }: Tokens.Heading, column: Column): void {
  const points = headingSizes[depth - 1] ?? size;
  document.moveDown(0.4);
  keepRoom(document, 3 * points);
  setRuns(
    document,
    runsOf(tokens).map((run) => ({ ...run, isBold: true })),
    column,
    points,
  );
  document.moveDown(0.4);
}

/** Each item begins with its mark, and stays beside it. */
function setList(document: Document, { items, ordered, start }: Tokens.List, column: Column, isWithin = false): void {
  items.forEach((item, i) => {
    const mark = item.task ? (item.checked ? '☑' : '☐') : ordered ? `${Number(start || 1) + i}.` : '•';
    document.font(typeface.plain).fontSize(size);
    keepRoom(document, 2 * size);
    const { y } = document;
    const inner = narrowed(column, Math.max(indent, document.widthOfString(mark) + 4));
    document.text(mark, column.left, y, { lineBreak: false });
    if (inner.left === column.left) document.moveDown();
    else document.y = y;
    if (item.tokens.length === 0) document.moveDown();
    for (const token of item.tokens.filter(({ type }) => type !== 'checkbox'))
      if (token.type === 'list') setList(document, token as Tokens.List, inner, true);
      else if (token.type === 'text') setRuns(document, runsOf((token as Tokens.Text).tokens ?? [token]), inner);
      else setBlock(document, token as Tokens.Generic, inner);
  });
  document.x = column.left;
  if (!isWithin) document.moveDown(0.6);
}

function setRule(document: Document, { left, width }: Column): void {
  keepRoom(document, size);
  const y = document.y + size / 2;
  document
    .moveTo(left, y)
    .lineTo(left + width, y)
    .lineWidth(0.5)
    .stroke();
  document.y = y + size;
}

/** Columns of one width. A row that does not fit on a page stands as lines, each cell behind what its column is called. */
function setTable(document: Document, { header, rows }: Tokens.Table, column: Column): void {
  const cellWidth = column.width / header.length;
  const heads = header.map(({ tokens }) => wordsOf(runsOf(tokens)));
  const isNarrow = cellWidth < 60;
  for (const [i, cells] of [header, ...rows].entries()) {
    const words = cells.map(({ tokens }) => wordsOf(runsOf(tokens)));
    document.font(i === 0 ? typeface.bold : typeface.plain).fontSize(size - 1);
    const height = Math.max(...words.map((text) => document.heightOfString(text || ' ', { width: cellWidth - 6 })));
    if (isNarrow || height > (document.page.height - document.page.margins.top - document.page.margins.bottom) / 2) {
      if (i > 0) setParagraph(document, [{ text: words.map((text, n) => `${heads[n]}: ${text}`).join('\n') }], column);
      continue;
    }
    keepRoom(document, height);
    const { y } = document;
    words.forEach((text, n) => void document.text(text, column.left + n * cellWidth, y, { width: cellWidth - 6 }));
    document.x = column.left;
    document.y = y + height + 3;
  }
  document.font(typeface.plain).fontSize(size);
  document.moveDown(0.6);
}

/** What follows begins on the next page where so much does not fit on this one. */
function keepRoom(document: Document, points: number): void {
  if (document.y + points > document.page.height - document.page.margins.bottom) document.addPage();
}

function setRuns(document: Document, runs: readonly Run[], { left, width }: Column, points = size): void {
  document.x = left;
  for (const line of linesOf(runs.map((run) => ({ ...run, text: settable(run.text) })).filter(({ text }) => text !== '')))
    line.forEach(({ text, isBold = false, isSlanted = false, isStruck = false }, i) => {
      document.font(isBold ? typeface.bold : typeface.plain).fontSize(points);
      document.text(text, { width, lineGap, continued: i < line.length - 1, oblique: isSlanted, strike: isStruck });
    });
}

/** Pure. Breaks apart: the library heeds none where text of another kind follows. */
function linesOf(runs: readonly Run[]): Run[][] {
  const lines: Run[][] = [[]];
  for (const run of runs)
    if (run.text === '\n') lines.push([]);
    else lines.at(-1)!.push(run);
  return lines.map((line) => (line.length > 0 ? line : [{ text: ' ' }]));
}

const wordsOf = (runs: readonly Run[]): string => settable(runs.map(({ text }) => text).join(''));

/** Pure. What stands in a paragraph, in its order. */
function runsOf(tokens: readonly Token[], kind: Omit<Run, 'text'> = {}): Run[] {
  return tokens.flatMap((each): Run[] => {
    const token = each as Tokens.Generic;
    const within = (more: Omit<Run, 'text'> = {}) => runsOf(token.tokens ?? [], { ...kind, ...more });
    switch (token.type) {
      case 'strong':
        return within({ isBold: true });
      case 'em':
        return within({ isSlanted: true });
      case 'del':
        return within({ isStruck: true });
      case 'br':
        return [{ ...kind, text: '\n' }];
      case 'link':
        return [...within(), ...placeOf(token as Tokens.Link).map((text) => ({ ...kind, text }))];
      case 'html':
        return [{ ...kind, text: /^<br\s*\/?>$/i.test(token.raw.trim()) ? '\n' : token.raw }];
      case 'text':
        return token.tokens ? within() : [{ ...kind, text: decoded(token.text as string) }];
      case 'codespan':
      case 'escape':
      case 'image':
        return [{ ...kind, text: decoded(token.text as string) }];
      default:
        return [{ ...kind, text: token.raw }];
    }
  });
}

/** On paper nobody sees where a link leads, unless it is its very text. */
function placeOf({ href, text }: Tokens.Link): string[] {
  const place = href.replace(/^(?:mailto|tel):/i, '');
  return text === place || text === href || place === '' ? [] : [` (${place})`];
}

/** Those that people write; by their names in HTML, in which capitals matter. */
const named: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', shy: '', copy: '©', reg: '®', trade: '™', euro: '€', sect: '§' },
    ...{ aring: 'å', aelig: 'æ', oslash: 'ø', Aring: 'Å', AElig: 'Æ', Oslash: 'Ø', auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö' },
    ...{ Uuml: 'Ü', eacute: 'é', egrave: 'è', Eacute: 'É', aacute: 'á', Aacute: 'Á', ccaron: 'č', scaron: 'š', zcaron: 'ž', eth: 'ð' },
    ...{ ndash: '–', mdash: '—', hellip: '…', laquo: '«', raquo: '»', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', bull: '•' },
    ...{ middot: '·', deg: '°', times: '×', plusmn: '±', frac12: '½', frac14: '¼', sup2: '²', sup3: '³', micro: 'µ', rarr: '→', larr: '←' },
  }),
);

/** Pure. Entities are what they stand for; one that cannot be printed stays as it was written. */
function decoded(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,7}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined;
      const character = name ? named.get(name) : code !== undefined && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
      return character !== undefined && isInTypeface(character) ? character : whole;
    },
  );
}
