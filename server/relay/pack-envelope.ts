import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Blobs } from '#blobs/index.ts';
import type { Envelope, PackedFile } from './house/print-house.ts';
import type { EnclosedFile, PaperLetter } from './letter.ts';
import { printableType } from './paper/printable.ts';
import { writeLetter } from './paper/write-letter.ts';
import type { Shipment } from './store.ts';

/**
 * The letter as PDF/A, its files beside it as the sender gave them, and a manifest that names each by its SHA-256. Files are not put into
 * the letter's PDF: what others made need not be PDF/A, and would make the letter's claim untrue.
 */
export async function packEnvelope(blobs: Blobs, shipment: Shipment, letter: PaperLetter): Promise<Envelope & { letterSha256: string }> {
  const bytes = await writeLetter({ ...letter, address: shipment.address });
  const own: PackedFile = {
    file: 'letter.pdf',
    mediaType: 'application/pdf',
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    read: async () => Readable.from([bytes]),
    begins: null,
  };
  const enclosed = letter.files.map((file, i) => packed(blobs, file, i));
  const listed = ({ file, mediaType, sizeBytes, sha256 }: PackedFile) => ({ file, mediaType, sizeBytes, sha256 });
  return {
    id: shipment.id,
    letterSha256: own.sha256,
    files: [own, ...enclosed],
    manifest: {
      version: 1,
      shipment: shipment.id,
      message: shipment.about,
      reference: letter.reference,
      sender: letter.sender,
      confidential: shipment.confidential,
      language: letter.language,
      address: shipment.address,
      acceptedAt: shipment.acceptedAt.toISOString(),
      letter: listed(own),
      enclosed: enclosed.map((file, i) => ({ ...listed(file), name: letter.files[i]!.name })),
    },
  };
}

function packed(blobs: Blobs, file: EnclosedFile, i: number): PackedFile {
  const { mediaType, begins } = printableType(file.name)!;
  const ending = file.name.slice(file.name.lastIndexOf('.')).toLowerCase();
  return {
    file: `enclosed-${String(i + 1).padStart(3, '0')}${ending}`, // names of senders are no names for others' machines
    mediaType,
    sizeBytes: file.sizeBytes,
    sha256: file.sha256!,
    read: () => blobs.read(file.blobKey!),
    begins,
  };
}
