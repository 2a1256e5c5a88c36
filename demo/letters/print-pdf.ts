/**
 * Sets a text file as a one-page PDF (1.7, A4, Helvetica in WinAnsi), byte for byte the same each time:
 *
 *     node demo/letters/print-pdf.ts demo/letters/varsel-om-endring.txt demo/letters/varsel-om-endring.pdf
 *
 * A line that starts with `#` is the title, a blank line ends a paragraph, a first line without a full stop is a heading.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const page = { width: 595, height: 842, margin: 72 } as const;
const sizes = { title: 18, heading: 12, text: 11 } as const;
const lineHeight = 1.45;

interface Line {
  readonly text: string;
  readonly font: 'F1' | 'F2';
  readonly size: number;
  readonly gapAbove: number;
}

const [source, target] = process.argv.slice(2);
if (!source || !target) throw new Error('Say which text to set and where to put it: print-pdf.ts letter.txt letter.pdf');
writeFileSync(target, setPage(readFileSync(source, 'utf8')));

function setPage(text: string): Buffer {
  const [title, ...paragraphs] = text.trim().split(/\n\n+/);
  const [heading, ...subtitle] = (title ?? '').replace(/^# /, '').split('\n');
  const lines = [
    ...wrap(heading ?? '', 'F2', sizes.title, 0),
    ...subtitle.flatMap((line) => wrap(line, 'F1', sizes.heading, 2)),
    ...paragraphs.flatMap(setParagraph),
  ];
  return document(heading ?? '', draw(lines));
}

function setParagraph(paragraph: string): Line[] {
  const [first = '', ...rest] = paragraph.split('\n');
  if (rest.length === 0 || first.endsWith('.')) return wrap(paragraph.replaceAll('\n', ' '), 'F1', sizes.text, 9);
  return [...wrap(first, 'F2', sizes.heading, 16), ...wrap(rest.join(' '), 'F1', sizes.text, 3)];
}

/** Breaks at a measure of half an em a letter, which Helvetica keeps below for Norwegian prose. */
function wrap(text: string, font: Line['font'], size: number, gapAbove: number): Line[] {
  const lettersPerLine = Math.floor((page.width - 2 * page.margin) / (size * 0.5));
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= lettersPerLine) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, i) => ({ text: line, font, size, gapAbove: i === 0 ? gapAbove : 0 }));
}

function draw(lines: readonly Line[]): string {
  let y = page.height - page.margin;
  const drawn = lines.map(({ text, font, size, gapAbove }) => {
    y -= gapAbove + size * lineHeight;
    if (y < page.margin) throw new Error('The text does not fit on one page.');
    return `BT /${font} ${size} Tf ${page.margin} ${y.toFixed(1)} Td (${text.replaceAll(/[\\()]/g, '\\$&')}) Tj ET`;
  });
  return drawn.join('\n');
}

function document(title: string, content: string): Buffer {
  const font = (name: string): string => `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /Lang (nb-NO) /ViewerPreferences << /DisplayDocTitle true >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${page.width} ${page.height}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>`,
    `<< /Length ${winAnsi(content).length} >>\nstream\n${content}\nendstream`,
    font('Helvetica'),
    font('Helvetica-Bold'),
    `<< /Title (${title.replaceAll(/[\\()]/g, '\\$&')}) >>`,
  ];
  let body = '%PDF-1.7\n%\u00e6\u00f8\u00e5\u00e6\n';
  const offsets = objects.map((object, i) => {
    const offset = winAnsi(body).length;
    body += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const xref = winAnsi(body).length;
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 7 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return winAnsi(body);
}

/** One byte a letter. Latin-1 and WinAnsi agree on every letter, and on « and »; dashes and curly quotes are not set. */
function winAnsi(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
