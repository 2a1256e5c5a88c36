import type { Reader } from '#kernel/database.ts';
import { letterTo } from '../send/content-hash.ts';
import { filledLetter } from '../send/mass/own-words.ts';
import { listSent, type SentRow, type SentWanted } from '../store/sent.ts';

export interface SentMessages {
  readonly messages: readonly SentTitled[];
  readonly lookedTo: SentRow['id'] | null;
}

export type SentTitled = Omit<SentRow, 'own' | 'personalName' | 'title'> & { readonly title: string | null };

/** What an owner has sent, with titles as their recipients read them; no title of what is confidential. Whose it may see is for the caller to ask. */
export async function listSentMessages(reader: Reader, wanted: SentWanted): Promise<SentMessages> {
  const { rows, lookedTo } = await listSent(reader, wanted);
  return { lookedTo, messages: rows.map(titled) };
}

function titled({ own, personalName, title, ...row }: SentRow): SentTitled {
  if (row.confidential) return { ...row, title: null };
  const letter = { language: 'nb', title, summary: null, body: '' };
  return { ...row, title: letterTo(filledLetter(letter, own?.fields), personalName).title };
}
