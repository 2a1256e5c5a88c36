import PDFDocument from 'pdfkit';
import type { PaperLetter } from '../letter.ts';
import { setMarkdown } from './set-markdown.ts';
import { settable, typeface } from './typeface.ts';
import { wordsOf } from './words.ts';

const mm = (millimetres: number) => (millimetres * 72) / 25.4;
const margin = mm(25);
const page = { width: 595.28, height: 841.89 };
const textWidth = page.width - 2 * margin;
/** Where an envelope has its window. */
const window = { left: mm(25), top: mm(50), width: mm(85) };

/** A letter and where it goes. */
export interface AddressedLetter extends PaperLetter {
  readonly address: readonly string[];
}

/**
 * The letter as PDF/A-2b: first a page that shows through the window of an envelope and says nothing of what is inside, then the letter.
 * Its typeface and colours are in the file, nothing of it is transparent. The same letter makes the same bytes.
 */
export async function writeLetter(letter: AddressedLetter): Promise<Buffer> {
  const words = wordsOf(letter.language);
  const document = new PDFDocument({
    size: 'A4',
    margin,
    font: typeface.plain,
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    lang: words.locale,
    displayTitle: true,
    bufferPages: true,
    info: { Title: settable(letter.title), Author: settable(letter.sender), CreationDate: letter.date, ModDate: letter.date },
  });
  // Kept, the library would turn to it at the head of every page, in the middle of a heading.
  delete document.options.font;
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => document.once('end', resolve).once('error', reject));
  setAddressPage(document, letter);
  setLetter(document, letter);
  numberPages(document, letter);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

type Document = InstanceType<typeof PDFDocument>;

function setAddressPage(document: Document, { sender, address, language, date, reference }: AddressedLetter): void {
  const words = wordsOf(language);
  document.fontSize(8).text(settable(sender), window.left, window.top - mm(6), { width: window.width });
  document.fontSize(11).text(address.map(settable).join('\n'), window.left, window.top, { width: window.width, lineGap: 2 });
  const beside = { left: mm(125), width: page.width - mm(125) - margin };
  document.fontSize(9);
  document.text(`${words.date}: ${words.dateOf(date)}`, beside.left, window.top, { width: beside.width, lineGap: 2 });
  document.text(`${words.reference}: ${settable(reference)}`, { width: beside.width, lineGap: 2 });
}

function setLetter(document: Document, { title, body, sender, recipient, date, reference, language, files }: AddressedLetter): void {
  const words = wordsOf(language);
  const line = (text: string) => document.text(settable(text), { width: textWidth });
  document.addPage();
  document.fontSize(9);
  line(`${words.from}: ${sender}`);
  line(`${words.to}: ${recipient}`);
  line(`${words.date}: ${words.dateOf(date)}`);
  line(`${words.reference}: ${reference}`);
  document.moveDown(2).font(typeface.bold).fontSize(14);
  line(title);
  document.moveDown().font(typeface.plain).fontSize(11);
  setMarkdown(document, body, { left: margin, width: textWidth });
  if (files.length === 0) return;
  document.moveDown(2).font(typeface.bold).fontSize(11);
  line(words.enclosed);
  document.font(typeface.plain).fontSize(10);
  files.forEach(({ name }, i) => void line(`${i + 1}. ${name}`));
}

/** At the foot, below the margin: without it the library would begin a new page there. */
function numberPages(document: Document, { reference, language }: AddressedLetter): void {
  const { count } = document.bufferedPageRange();
  for (let i = 0; i < count; i++) {
    document.switchToPage(i);
    document.page.margins.bottom = 0;
    const text = wordsOf(language).pageOf(i + 1, count);
    document.font(typeface.plain).fontSize(8);
    document.text(`${settable(reference)}   ${text}`, margin, page.height - mm(15), { width: textWidth, align: 'right', lineBreak: false });
  }
}
