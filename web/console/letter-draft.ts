import type { LetterToSend, LetterWords, Service } from '../api/send.ts';
import { endOfDay } from '../ui/end-of-day.ts';
import { referenceOfNow } from '../ui/reference-of-now.ts';
import { isGoodFile } from './good-file.ts';
import { wrongInTranslations } from './translation-fields.tsx';

/** What is written of a letter, to one or to many, as the form has it: what is typed is kept, files are not. */
export const emptyLetter = {
  ...{ service: '', language: 'nb', title: '', body: '', reference: '', confirm: false, due: '' },
  translations: [] as readonly LetterWords[],
};
export type LetterDraft = typeof emptyLetter;

/** Which of it cannot be sent as it stands. A letter that is laid in the inbox later (`publishAt`) is due after that. */
export function wrongInLetter(draft: LetterDraft, files: readonly File[], publishAt?: string | null) {
  const dueAt = endOfDay(draft.due);
  return {
    title: draft.title.trim() === '',
    body: draft.body.trim() === '',
    due: draft.due === '' ? draft.confirm : dueAt === null || (publishAt != null && dueAt <= publishAt),
    translations: wrongInTranslations(draft.language, draft.translations).some((each) => Object.values(each).some(Boolean)),
    files: !files.every(isGoodFile),
  };
}

/** What is sent of it. */
export function letterOf(draft: LetterDraft, service: Service, sender: string, files: readonly File[]): LetterToSend {
  return {
    ...{ service, sender, files, language: draft.language, title: draft.title.trim(), body: draft.body, confirm: draft.confirm },
    translations: draft.translations.map((each) => ({ ...each, title: each.title.trim() })),
    reference: draft.reference.trim() || referenceOfNow(),
    dueAt: endOfDay(draft.due) ?? undefined,
  };
}
