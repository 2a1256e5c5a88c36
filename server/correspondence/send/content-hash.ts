import { createHash } from 'node:crypto';
import { canonicalJson } from '#evidence/index.ts';
import { dataTypeOf } from '../attachments/file-name.ts';
import { personalized } from './text-rules.ts';

/** The words of a letter. */
export interface Letter {
  readonly language: string;
  readonly title: string;
  readonly summary: string | null;
  readonly body: string;
}

/** Pure. The letter as one recipient reads it. */
export function letterTo<L extends Letter>(letter: L, name: string | null): L {
  if (name === null) return letter;
  const { title, summary, body } = letter;
  return { ...letter, title: personalized(title, name), summary: summary && personalized(summary, name), body: personalized(body, name) };
}

/** Pure. SHA-256 over language, title, summary and body in canonical JSON: what evidence of a message speaks of. */
export function contentSha256({ language, title, summary, body }: Letter): string {
  return createHash('sha256').update(canonicalJson({ language, title, summary, body })).digest('hex');
}

/** What a file is known by in evidence. */
export interface EvidentFile {
  readonly id: string;
  readonly fileName: string;
  readonly sha256: string | null;
  readonly sizeBytes: number | null;
}

/** The `what` of evidence about a message: the hash of its words, and each of its files. */
export function whatOf(sha256: string, files: readonly EvidentFile[]): object {
  return { content: { sha256, type: 'text/markdown' }, parts: files.map(partOf) };
}

/** The `what` of evidence about one file. */
export function partOf(file: EvidentFile): object {
  return { id: file.id, name: file.fileName, type: dataTypeOf(file.fileName), sha256: file.sha256, sizeBytes: file.sizeBytes };
}
