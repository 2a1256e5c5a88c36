import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';

const fileOf = (name: string) => fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`));
export const typeface = { plain: fileOf('DejaVuSans'), bold: fileOf('DejaVuSans-Bold') } as const;

/** Characters that only say how others join or break; nothing is printed for them. */
const unseen = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\p{Variation_Selector}]/gu;
/** Written from right to left, which the lines of our letters are not. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]/u;

/** Pure. The text as it is set: lines end with a line feed, tabs are spaces, and what is not seen is gone. */
export function settable(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', '    ')
    .replaceAll(unseen, '')
    .replaceAll(/[\p{Cc}--\n]/gv, '');
}

/** Pure. Whether every character of it can be printed. */
export function isInTypeface(text: string): boolean {
  const set = settable(text);
  return !rightToLeft.test(set) && [...set].every((character) => character === '\n' || hasGlyph(character.codePointAt(0)!));
}

interface Font {
  hasGlyphForCodePoint(code: number): boolean;
}

let fonts: readonly Font[] | undefined;

/** In both weights. The faces are opened once. */
function hasGlyph(code: number): boolean {
  fonts ??= Object.values(typeface).map(openFont);
  return fonts.every((font) => font.hasGlyphForCodePoint(code));
}

/** By the library that sets the letters, so that both know the same characters. */
function openFont(font: string): Font {
  const document = new PDFDocument({ font }) as unknown as { readonly _font: { readonly font: Font } };
  return document._font.font;
}
