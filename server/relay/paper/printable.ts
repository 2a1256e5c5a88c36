import { extname } from 'node:path';
import type { EnclosedFile, PaperLetter } from '../letter.ts';
import { isInTypeface } from './typeface.ts';

/** Why a letter cannot go by paper. */
export type NotPrintable =
  | 'not-a-letter'
  | 'no-postal-address'
  | 'attachment-gone'
  | 'attachment-not-printable'
  | 'attachment-of-own-right'
  | 'attachments-too-large'
  | 'characters-not-printable';

/** What print houses put on paper, and the first bytes by which it is known. Text is known by having no bytes that no text has. */
export const printableTypes: Readonly<Record<string, { readonly mediaType: string; readonly begins: Buffer | null }>> = {
  '.pdf': { mediaType: 'application/pdf', begins: Buffer.from('%PDF-') },
  '.png': { mediaType: 'image/png', begins: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
  '.jpg': { mediaType: 'image/jpeg', begins: Buffer.from([0xff, 0xd8, 0xff]) },
  '.jpeg': { mediaType: 'image/jpeg', begins: Buffer.from([0xff, 0xd8, 0xff]) },
  '.txt': { mediaType: 'text/plain', begins: null },
};

/** What goes into one envelope, all together. */
export const mostEnclosedBytes = 50_000_000;

/** Pure. Undefined for a file of a kind that is not printed. */
export function printableType(name: string): (typeof printableTypes)[string] | undefined {
  return printableTypes[extname(name).toLowerCase()];
}

/** Pure. Why this letter cannot go by paper as it is; undefined when it can. Whether its files are what their names say shows when they are read. */
export function whyNotPrintable(letter: PaperLetter | undefined, address: readonly string[] | undefined): NotPrintable | undefined {
  if (!letter) return 'not-a-letter';
  if (!address) return 'no-postal-address';
  const hindered = letter.files.map(hindranceOf).find((reason) => reason !== undefined);
  if (hindered) return hindered;
  if (letter.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > mostEnclosedBytes) return 'attachments-too-large';
  const texts = [
    letter.title,
    letter.body,
    letter.sender,
    letter.recipient,
    letter.reference,
    ...address,
    ...letter.files.map(({ name }) => name),
  ];
  return texts.every(isInTypeface) ? undefined : 'characters-not-printable';
}

function hindranceOf(file: EnclosedFile): NotPrintable | undefined {
  if (!file.isThere || file.blobKey === null || file.sha256 === null) return 'attachment-gone';
  if (file.hasOwnRight) return 'attachment-of-own-right';
  return file.isEncrypted || !printableType(file.name) ? 'attachment-not-printable' : undefined;
}
