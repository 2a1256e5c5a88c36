import { createHash } from 'node:crypto';
import { canonicalJson } from '#evidence/index.ts';
import { dataTypeOf } from '../attachments/file-name.ts';
import { personalized } from './rules/text-rules.ts';

/** What a letter says in one language. */
export interface Wording {
  readonly language: string;
  readonly title: string;
  readonly summary: string | null;
  readonly body: string;
}

/** The words of a letter, and the same in other languages where its sender gave them. */
export interface Letter extends Wording {
  readonly translations?: readonly Wording[];
}

type Texts = Omit<Letter, 'language'>;

/** Pure. All that a letter says, in every language. */
export function textsOf({ title, summary, body, translations = [] }: Texts): (string | null)[] {
  return [title, summary, body, ...translations.flatMap(textsOf)];
}

/** Pure. The letter with each of its texts changed, in every language. */
export function withTexts<L extends Texts>(letter: L, change: (text: string) => string): L {
  const { title, summary, body, translations = [] } = letter;
  const changed = { ...letter, title: change(title), summary: summary && change(summary), body: change(body) };
  return translations.length === 0 ? changed : { ...changed, translations: translations.map((each) => withTexts(each, change)) };
}

/** Pure. The letter as one recipient reads it. */
export function letterTo<L extends Letter>(letter: L, name: string | null): L {
  return name === null ? letter : withTexts(letter, (text) => personalized(text, name));
}

/**
 * Pure. SHA-256 over language, title, summary and body in canonical JSON, and over the translations where there are any: what evidence
 * of a message speaks of.
 */
export function contentSha256({ language, title, summary, body, translations = [] }: Letter): string {
  const words = { language, title, summary, body };
  return createHash('sha256')
    .update(canonicalJson(translations.length === 0 ? words : { ...words, translations }))
    .digest('hex');
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
